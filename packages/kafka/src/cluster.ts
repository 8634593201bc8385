import {
  type Api,
  type Decoded,
  errorCodes,
  type MetadataResponse,
  metadataApi,
} from '@tributary/wire';
import type { CommonSettings } from './config.ts';
import { Connection, type ConnectionOptions, type FinalizedFeatures } from './connection.ts';
import { brokerError, clientError, isKafkaError } from './errors.ts';
import { createSecurity, type Security } from './security/security.ts';
import type { Address } from './socket.ts';
import { backoffMs, longestDelayMs, orAbort, sleep } from './timers.ts';
import type { ClientDeps, ClientLogger, KafkaError } from './types.ts';

export interface PartitionMetadata {
  /** -1 while there is none. */
  readonly leader: number;
  /** -1: the broker is too old to tell. */
  readonly leaderEpoch: number;
  /** Brokers that have a copy and are up. */
  readonly replicas: readonly number[];
}

export interface TopicMetadata {
  /** All zero where the broker is too old to tell. */
  readonly topicId: string;
  readonly partitions: readonly PartitionMetadata[];
  readonly isInternal: boolean;
}

interface KnownTopic {
  metadata: TopicMetadata;
  /** Since metadata was last fetched. */
  isUsed: boolean;
  /** As known when metadata was last fetched. */
  usedAt: number;
}

/** A connection for each purpose, so that a waiting fetch or join holds up nothing else on the same broker. */
export type Purpose = 'general' | 'coordinator' | 'fetch';

/** Producers forget topics that they no longer use; the topics of the others are theirs as long as they are. */
type ClusterSettings = CommonSettings & { readonly 'metadata.max.idle.ms'?: number };

/** What a client needs of a connection. */
export type BrokerConnection = Pick<
  Connection,
  'address' | 'isOpen' | 'request' | 'sendOneWay' | 'supports' | 'close'
> &
  Partial<Pick<Connection, 'features'>>;

export type OpenConnection = (
  address: Address,
  options: ConnectionOptions,
  onClose: (reason: Error | null) => void,
) => Promise<BrokerConnection>;

/** Produce and offsets name their topics, so the versions that need topic ids are not used. */
export const maxVersions = {
  produce: 11,
  offsetCommit: 9,
  offsetFetch: 9,
  // From 4 on for brokers only.
  addPartitionsToTxn: 3,
} as const;

/**
 * What a client knows of the brokers: their connections, the metadata of the topics it uses, and which addresses do not answer.
 * Losing an address is logged once, with it; so is its return.
 */
export class Cluster {
  readonly settings: ClusterSettings;
  readonly logger: ClientLogger;
  readonly #closing = new AbortController();
  readonly #openConnection: OpenConnection;
  readonly #deps: ClientDeps;
  readonly #bootstrap: readonly Address[];
  readonly #security: Security;
  readonly #connections = new Map<string, BrokerConnection>();
  readonly #opening = new Map<string, Promise<BrokerConnection>>();
  /** Failures in a row by address, and when the next try may begin. */
  readonly #lost = new Map<string, { attempts: number; notBefore: number }>();
  readonly #topics = new Map<string, KnownTopic>();
  readonly #topicErrors = new Map<string, number>();
  #brokers = new Map<number, Address>();
  #features: FinalizedFeatures | null = null;
  #refreshing: Promise<void> | null = null;
  #refreshedAt = 0;
  /** When metadata was first asked for since it last came; null: none is asked for. */
  #askedAt: number | null = null;
  #nextBootstrap = 0;
  clusterId = '';
  controllerId = -1;

  constructor(
    settings: ClusterSettings,
    deps: ClientDeps,
    openConnection: OpenConnection = (address, options, onClose) =>
      Connection.open(address, options, onClose),
  ) {
    this.settings = settings;
    this.logger = deps.logger;
    this.#deps = deps;
    this.#openConnection = openConnection;
    this.#bootstrap = settings['bootstrap.servers'].map(parseAddress);
    this.#security = createSecurity(settings);
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get brokers(): ReadonlyMap<number, Address> {
    return this.#brokers;
  }

  topic(name: string): TopicMetadata | undefined {
    const known = this.#topics.get(name);
    if (known === undefined) return undefined;
    known.isUsed = true;
    return known.metadata;
  }

  /** The error code that the last refresh had for a topic; 0 for none. */
  topicError(name: string): number {
    return this.#topicErrors.get(name) ?? 0;
  }

  /** The level of a feature in the whole cluster, as the newest connection knows it; 0 where it has none. */
  featureLevel(name: string): number {
    return this.#features?.levels.get(name) ?? 0;
  }

  isMetadataOld(): boolean {
    return Date.now() - this.#refreshedAt >= this.settings['metadata.max.age.ms'];
  }

  /** An answer may know a newer leader than the last metadata. */
  noteLeader(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    { leaderId, leaderEpoch }: { readonly leaderId: number; readonly leaderEpoch: number },
  ): void {
    const known = this.#topics.get(topic);
    const before = known?.metadata.partitions[partition];
    if (known === undefined || before === undefined) return;
    if (before.leaderEpoch >= leaderEpoch || !this.#brokers.has(leaderId)) return;
    const partitions = known.metadata.partitions.with(partition, {
      ...before,
      leader: leaderId,
      leaderEpoch,
    });
    known.metadata = { ...known.metadata, partitions };
  }

  /** A coordinator may be a broker that the last metadata did not have. */
  noteBroker(node: number, address: Address): void {
    this.#brokers.set(node, address);
  }

  forgetBroker(node: number): void {
    this.#brokers.delete(node);
  }

  /** Rejects with a retriable error while the broker cannot be reached; the next try waits for the back-off. */
  async request<Req, Res>(
    node: number,
    purpose: Purpose,
    api: Api<Req, Res>,
    value: Req | ((version: number) => Req),
    options: { maxVersion?: number; timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Decoded<Res>> {
    const connection = await orAbort(this.connection(node, purpose), options.signal);
    return orAbort(connection.request(api, value, options), options.signal);
  }

  connection(node: number, purpose: Purpose): Promise<BrokerConnection> {
    const address = this.#brokers.get(node);
    if (address === undefined) {
      return Promise.reject(clientError('NETWORK', `Broker ${node} is not known`));
    }
    return this.#connect(`${purpose} ${node} ${address.host}:${address.port}`, address);
  }

  /** Any broker that answers, known ones first, then `bootstrap.servers` in turn, unless `metadata.recovery.strategy` is none. */
  async anyConnection(): Promise<BrokerConnection> {
    for (const [key, connection] of this.#connections) {
      // A broker answers one request of a connection at a time: one that may wait for long has a connection of another purpose.
      if (connection.isOpen && key.startsWith('general ')) return connection;
    }
    let lastError: unknown = clientError('NETWORK', 'No broker is known');
    const known = [...this.#brokers].map(([node, address]) => ({ node: ` ${node}`, address }));
    const isBootstrapUsed = this.#recovers || known.length === 0;
    const bootstrap = (isBootstrapUsed ? this.#bootstrapInTurn() : []).map((address) => ({
      node: '',
      address,
    }));
    for (const { node, address } of [...known, ...bootstrap]) {
      try {
        return await this.#connect(`general${node} ${address.host}:${address.port}`, address);
      } catch (error) {
        lastError = error;
        // A broker that refuses the client is not asked for by another's silence.
        if (!isKafkaError(error) || !error.isRetriable) break;
      }
    }
    throw lastError;
  }

  /** Fetches metadata of these topics and of those used before. Calls at the same time share one request where they can. */
  async refresh(topics: readonly string[], options: { allowCreation: boolean }): Promise<void> {
    while (this.#refreshing !== null) {
      await this.#refreshing;
      if (topics.every((name) => this.#topics.has(name) || this.#topicErrors.has(name))) return;
    }
    this.#refreshing = this.#fetchMetadata(topics, options.allowCreation).then(() => undefined);
    try {
      await this.#refreshing;
    } finally {
      this.#refreshing = null;
    }
  }

  /** All topics of the cluster. */
  async listTopics(): Promise<Map<string, TopicMetadata>> {
    const connection = await this.anyConnection();
    const response = await connection.request(metadataApi, {
      topics: null,
      allowAutoTopicCreation: false,
    });
    this.#takeBrokers(response);
    const found = new Map<string, TopicMetadata>();
    for (const topic of response.topics) {
      if (topic.errorCode === 0 && topic.name !== null) found.set(topic.name, metadataOf(topic));
    }
    return found;
  }

  /**
   * Tries again while errors are retriable, until `timeoutMs` are over; then the last error is thrown, or TIMEOUT when there is none yet. The try that is under way is left alone:
   * what must not happen once the caller has given up, it asks its signal for.
   */
  async retry<T>(
    call: (attempt: number, signal: AbortSignal) => Promise<T>,
    options: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<T> {
    const { timeoutMs } = options;
    const deadline = Date.now() + timeoutMs;
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(this.#lateError(timeoutMs)),
      Math.min(timeoutMs, longestDelayMs),
    );
    const given = options.signal === undefined ? [] : [options.signal];
    const signal = AbortSignal.any([...given, this.#closing.signal, late.signal]);
    let lastError: unknown;
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          signal.throwIfAborted();
          return await orAbort(call(attempt, signal), signal);
        } catch (error) {
          if (signal.aborted) {
            throw signal.reason === late.signal.reason
              ? (lastError ?? signal.reason)
              : signal.reason;
          }
          if (!isKafkaError(error) || !error.isRetriable) throw error;
          lastError = error;
          const delayMs = this.retryDelayMs(attempt);
          if (Date.now() + delayMs >= deadline) throw error;
          await sleep(delayMs, signal);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  retryDelayMs(attempt: number): number {
    const { 'retry.backoff.ms': first, 'retry.backoff.max.ms': max } = this.settings;
    return backoffMs(attempt, first, max);
  }

  close(): void {
    this.#closing.abort(clientError('CLOSED', 'The client was closed'));
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #connect(key: string, address: Address): Promise<BrokerConnection> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason as Error);
    const open = this.#connections.get(key);
    if (open?.isOpen) return Promise.resolve(open);
    const opening = this.#opening.get(key);
    if (opening !== undefined) return opening;
    const attempt = this.#open(key, address).finally(() => this.#opening.delete(key));
    this.#opening.set(key, attempt);
    return attempt;
  }

  async #open(key: string, address: Address): Promise<BrokerConnection> {
    const where = `${address.host}:${address.port}`;
    const waitMs = (this.#lost.get(where)?.notBefore ?? 0) - Date.now();
    if (waitMs > 0) await sleep(waitMs, this.#closing.signal);
    const { settings } = this;
    try {
      const connection: BrokerConnection = await this.#openConnection(
        address,
        {
          clientId: settings['client.id'],
          connectTimeoutMs: this.#setupTimeoutMs(where),
          requestTimeoutMs: settings['request.timeout.ms'],
          maxIdleMs: settings['connections.max.idle.ms'],
          security: this.#security,
          connect: this.#deps.connect,
          signal: this.#closing.signal,
        },
        (reason) => {
          if (this.#connections.get(key) === connection) this.#connections.delete(key);
          if (reason === null || this.#closing.signal.aborted) return;
          this.#noteLoss(where, reason.message);
        },
      );
      this.#connections.set(key, connection);
      this.#noteFeatures(connection.features);
      if (this.#lost.delete(where)) this.logger.info(`Broker ${where} answers again`);
      return connection;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#noteLoss(where, (error as Error).message);
      throw error;
    }
  }

  #lateError(timeoutMs: number): KafkaError {
    const addresses = new Set([...this.#opening.keys()].map((key) => key.split(' ').at(-1)));
    const where = addresses.size === 0 ? '' : `; still connecting to ${[...addresses].join(', ')}`;
    return clientError('TIMEOUT', `No answer within ${timeoutMs} ms${where}`);
  }

  /** Doubles with each failure in a row. */
  #setupTimeoutMs(where: string): number {
    const attempts = this.#lost.get(where)?.attempts ?? 0;
    const first = this.settings['socket.connection.setup.timeout.ms'];
    const most = this.settings['socket.connection.setup.timeout.max.ms'];
    return Math.max(first, Math.min(first * 2 ** Math.min(attempts, 30), most));
  }

  /** Brokers may be behind one another. */
  #noteFeatures(features: FinalizedFeatures | undefined): void {
    if (features === undefined) return;
    if (this.#features === null || features.epoch > this.#features.epoch) this.#features = features;
  }

  #noteLoss(where: string, why: string): void {
    const known = this.#lost.get(where);
    const attempts = (known?.attempts ?? 0) + 1;
    const { 'reconnect.backoff.ms': first, 'reconnect.backoff.max.ms': max } = this.settings;
    const notBefore = Date.now() + backoffMs(attempts - 1, first, max);
    this.#lost.set(where, { attempts, notBefore });
    if (known === undefined) {
      this.logger.warn(
        `Broker ${where} cannot be reached (${why}); trying again as long as a call waits for it`,
      );
    }
  }

  #bootstrapInTurn(): Address[] {
    const first = this.#nextBootstrap++ % this.#bootstrap.length;
    return [...this.#bootstrap.slice(first), ...this.#bootstrap.slice(0, first)];
  }

  get #recovers(): boolean {
    return this.settings['metadata.recovery.strategy'] === 'rebootstrap';
  }

  /** What was known is forgotten, and asked for again from `bootstrap.servers`: the cluster may have moved. */
  #rebootstrap(why: string): void {
    this.logger.warn(`${why}; starting again from bootstrap.servers`);
    this.#askedAt = null;
    this.#brokers = new Map();
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  /** Source: KIP-899, KIP-1102. */
  #rebootstrapIfLate(): void {
    const triggerMs = this.settings['metadata.recovery.rebootstrap.trigger.ms'];
    this.#askedAt ??= Date.now();
    if (!this.#recovers || this.#brokers.size === 0) return;
    if (Date.now() - this.#askedAt <= triggerMs) return;
    this.#rebootstrap(`No metadata came for ${triggerMs} ms`);
  }

  async #fetchMetadata(topics: readonly string[], allowCreation: boolean): Promise<void> {
    this.#rebootstrapIfLate();
    this.#forgetIdleTopics();
    const names = new Set([...this.#topics.keys(), ...topics]);
    const connection = await this.anyConnection();
    const response = await connection.request(metadataApi, {
      topics: [...names].map((name) => ({ name })),
      allowAutoTopicCreation: allowCreation,
    });
    this.#takeBrokers(response);
    this.#topicErrors.clear();
    for (const topic of response.topics) {
      if (topic.name === null) continue;
      if (topic.errorCode === 0) {
        const known = this.#topics.get(topic.name);
        const { isUsed = false, usedAt = Date.now() } = known ?? {};
        const metadata = metadataOf(topic, known?.metadata);
        this.#topics.set(topic.name, { metadata, isUsed, usedAt });
      } else {
        this.#topics.delete(topic.name);
        this.#topicErrors.set(topic.name, topic.errorCode);
      }
    }
    this.#refreshedAt = Date.now();
    this.#askedAt = null;
  }

  #forgetIdleTopics(): void {
    const { 'metadata.max.idle.ms': idleMs = Number.POSITIVE_INFINITY } = this.settings;
    const nowMs = Date.now();
    for (const [name, known] of this.#topics) {
      if (known.isUsed) known.usedAt = nowMs;
      else if (nowMs - known.usedAt >= idleMs) this.#topics.delete(name);
      known.isUsed = false;
    }
  }

  #takeBrokers(response: Decoded<MetadataResponse>): void {
    if (response.errorCode === errorCodes.REBOOTSTRAP_REQUIRED) {
      const why = 'The broker says that what it is asked for is known elsewhere';
      if (this.#recovers) this.#rebootstrap(why);
      throw clientError('NETWORK', `Cannot fetch metadata: REBOOTSTRAP_REQUIRED (${why})`);
    }
    if (response.errorCode !== 0) throw brokerError(response.errorCode, 'Cannot fetch metadata');
    if (response.brokers.length > 0) {
      this.#brokers = new Map(
        response.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]),
      );
    }
    this.clusterId = response.clusterId ?? '';
    this.controllerId = response.controllerId;
  }
}

/** A broker may not have heard of the newest leader yet: what is known of the same topic under a newer epoch stays. */
function metadataOf(
  topic: Decoded<MetadataResponse>['topics'][number],
  known?: TopicMetadata,
): TopicMetadata {
  const { topicId, isInternal } = topic;
  const before = known?.topicId === topicId ? known.partitions : [];
  const partitions: PartitionMetadata[] = [];
  for (const { partitionIndex, leaderId, leaderEpoch, ...nodes } of topic.partitions) {
    const newer = before[partitionIndex];
    if (newer !== undefined && leaderEpoch >= 0 && newer.leaderEpoch > leaderEpoch) {
      partitions[partitionIndex] = newer;
      continue;
    }
    const { replicaNodes, offlineReplicas } = nodes;
    const replicas =
      offlineReplicas.length === 0
        ? replicaNodes
        : replicaNodes.filter((node) => !offlineReplicas.includes(node));
    partitions[partitionIndex] = { leader: leaderId, leaderEpoch, replicas };
  }
  return { topicId, partitions, isInternal };
}

function parseAddress(server: string): Address {
  const match = /^(?:[A-Za-z_]+:\/\/)?(\[[0-9a-fA-F:.%]+\]|[^:]+):(\d+)$/.exec(server);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw clientError('INVALID_CONFIG', `Invalid url in bootstrap.servers: ${server}`);
  }
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port };
}
