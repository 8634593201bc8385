import type { KafkaError, ProducerRecord } from '@tributary/kafka';
import { ConnectError } from '@tributary/sdk';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { TopicCreation, TopicGroup } from './types.ts';

const retryDelayMs = 100;

/** Topics of `records` that this task has not seen yet; null when there is none, which is nearly always. */
export function newTopics(
  records: readonly ProducerRecord[],
  known: ReadonlySet<string>,
): Set<string> | null {
  let found: Set<string> | null = null;
  let last: string | null = null;
  for (const { topic } of records) {
    if (topic === last) continue;
    last = topic;
    if (known.has(topic)) continue;
    found ??= new Set();
    found.add(topic);
  }
  return found;
}

/** Makes the topics that are missing, by the connector's rules (KIP-158). Retriable failures are tried again until `signal` aborts. */
export async function createTopics(
  topics: Iterable<string>,
  creation: TopicCreation,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<void> {
  for (const topic of topics) {
    while (!signal.aborted) {
      try {
        await createTopic(topic, creation, logger, signal);
        break;
      } catch (error) {
        if (signal.aborted) return;
        if ((error as Partial<KafkaError>).isRetriable !== true) throw notCreated(topic, error);
        logger.warn(`Cannot look up topic "${topic}" yet; trying again`, error);
        await clock.sleep(retryDelayMs, { signal });
      }
    }
  }
}

async function createTopic(
  topic: string,
  { admin, groups, known }: TopicCreation,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const existing = await admin.describeTopics([topic], signal);
  if (!existing.has(topic)) {
    const group = groups.find((each) => each.matches(topic)) as TopicGroup;
    const { partitions, replicationFactor, configs } = group;
    const isNew = await admin.createTopic(
      { topic, partitions, replicationFactor, configs },
      signal,
    );
    const what = isNew ? 'Created' : 'Found';
    logger.info(`${what} topic "${topic}" (topic creation group "${group.name}")`);
  }
  known.add(topic);
}

function notCreated(topic: string, cause: unknown): ConnectError {
  return new ConnectError(
    `Task failed to create new topic ${topic}. Ensure that the task is authorized to create topics or that the topic exists and restart the task`,
    { cause, code: 'TRB_TOPIC_NOT_CREATED' },
  );
}
