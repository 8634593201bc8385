import { type Decoded, errorCodes, type MetadataResponse, metadataApi } from '@tributary/wire';
import type { BrokerConnection, Cluster } from '../cluster.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import { KafkaError, type TopicPartition } from '../types.ts';
import { PartialError } from './types.ts';

/** What every call of the admin client works with. */
export interface AdminContext {
  readonly cluster: Cluster;
  /** For the broker's own work on a request. */
  readonly requestTimeoutMs: number;
  /** Tries again on retriable errors until `default.api.timeout.ms`. */
  retry<T>(call: (attempt: number) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
}

export type Answers<T> = Map<string, T | KafkaError>;

/**
 * Asks for all items, then again for those whose error is retriable, until each has its answer or has failed for good. `shape` makes the call's result of the answers.
 * An error of `ask` itself concerns all that are left.
 */
export async function settleItems<Item, Answer, Result>(
  context: AdminContext,
  items: ReadonlyMap<string, Item>,
  ask: (left: ReadonlyMap<string, Item>, isRepeated: boolean) => Promise<Answers<Answer>>,
  shape: (answers: ReadonlyMap<string, Answer>) => Result,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const left = new Map(items);
  const answers = new Map<string, Answer>();
  const failures = new Map<string, KafkaError>();
  const lastErrors = new Map<string, KafkaError>();
  const askOnce = async (attempt: number): Promise<void> => {
    if (left.size === 0) return;
    const found = await ask(left, attempt > 0);
    let again: KafkaError | undefined;
    for (const key of left.keys()) {
      const given = found.get(key);
      // Null is an answer: done, and nothing to tell.
      const answer =
        given === undefined
          ? clientError('CORRUPT_RESPONSE', `The broker said nothing of "${key}"`)
          : given;
      if (answer instanceof KafkaError) {
        lastErrors.set(key, answer);
        if (answer.isRetriable) {
          again ??= answer;
          continue;
        }
        failures.set(key, answer);
      } else answers.set(key, answer);
      left.delete(key);
    }
    if (again !== undefined) throw again;
  };
  try {
    await context.retry(askOnce, signal);
  } catch (error) {
    const isWhole = left.size === items.size && lastErrors.size === 0;
    if (isWhole || !isKafkaError(error) || context.cluster.closed.aborted || signal?.aborted) {
      throw error;
    }
    for (const key of left.keys()) failures.set(key, lastErrors.get(key) ?? error);
  }
  if (failures.size > 0) throw new PartialError(failures, shape(answers));
  return shape(answers);
}

/** Each group of items is asked of its own broker; what fails for one group concerns its items alone. */
export async function askEach<Target, Item, T>(
  groups: ReadonlyMap<Target, readonly Item[]>,
  keyOf: (item: Item) => string,
  ask: (target: Target, items: readonly Item[]) => Promise<Answers<T>>,
): Promise<Answers<T>> {
  const answers: Answers<T> = new Map();
  await Promise.all(
    [...groups].map(async ([target, items]) => {
      try {
        for (const [key, answer] of await ask(target, items)) answers.set(key, answer);
      } catch (error) {
        if (!isKafkaError(error)) throw error;
        for (const item of items) answers.set(keyOf(item), error);
      }
    }),
  );
  return answers;
}

/** Fresh from any broker; null: of all topics. The brokers that it names can be asked from then on. */
export async function fetchMetadata(
  { cluster }: AdminContext,
  topics: readonly string[] | null,
  options: { includeAuthorizedOperations?: boolean } = {},
): Promise<Decoded<MetadataResponse>> {
  const connection = await cluster.anyConnection();
  const response = await connection.request(metadataApi, (version) => ({
    topics: topics?.map((name) => ({ name })) ?? null,
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: version >= 8 && options.includeAuthorizedOperations === true,
  }));
  if (response.errorCode !== 0) throw brokerError(response.errorCode, 'Cannot fetch metadata');
  for (const { nodeId, host, port } of response.brokers) cluster.noteBroker(nodeId, { host, port });
  return response;
}

/** To that broker, which is looked for when it is not known yet. */
export async function brokerConnection(
  context: AdminContext,
  node: number,
): Promise<BrokerConnection> {
  const { cluster } = context;
  if (!cluster.brokers.has(node)) await fetchMetadata(context, []);
  try {
    return await cluster.connection(node, 'general');
  } catch (error) {
    // It may have moved: the next try looks for it.
    cluster.forgetBroker(node);
    throw error;
  }
}

/** To the controller, or to a broker that passes requests on to it. */
export async function controllerConnection(context: AdminContext): Promise<BrokerConnection> {
  const { cluster } = context;
  if (cluster.controllerId < 0)
    cluster.controllerId = (await fetchMetadata(context, [])).controllerId;
  if (!cluster.brokers.has(cluster.controllerId)) return cluster.anyConnection();
  try {
    return await cluster.connection(cluster.controllerId, 'general');
  } catch (error) {
    cluster.controllerId = -1;
    throw error;
  }
}

/** Where the controller has moved it is looked up again. */
export function controllerError(
  { cluster }: AdminContext,
  code: number,
  what: string,
  detail: string | null,
): KafkaError {
  if (code === errorCodes.NOT_CONTROLLER) cluster.controllerId = -1;
  return lastingIfUnknown(code, brokerError(code, what, detail));
}

/** What is not there will not come by asking again, unless somebody is creating it: the caller knows. */
export function lastingIfUnknown(code: number, error: KafkaError): KafkaError {
  return code === errorCodes.UNKNOWN_TOPIC_OR_PARTITION ? lasting(error) : error;
}

/** The same error, when to try again is of no use to whoever asked. */
export function lasting(error: KafkaError): KafkaError {
  const { errorName, errorCode, message, cause } = error;
  return new KafkaError(message, { errorName, errorCode, isRetriable: false, cause });
}

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

export function byPartition<T extends TopicPartition>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [partitionKey(item), item]));
}

/** As requests nest them. */
export function byTopic<T extends TopicPartition, U>(
  partitions: Iterable<T>,
  entry: (partition: T) => U,
): { name: string; partitions: U[] }[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, owned]) => ({
    name,
    partitions: owned.map(entry),
  }));
}
