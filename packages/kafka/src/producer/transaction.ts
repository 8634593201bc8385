import {
  type AddPartitionsToTxnResponse,
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  type Decoded,
  endTxnApi,
  errorByCode,
  errorCodes,
  initProducerIdApi,
  txnOffsetCommitApi,
} from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import { Coordinator } from '../group/coordinator.ts';
import { longestDelayMs } from '../timers.ts';
import type {
  ConsumerGroupMetadata,
  KafkaError,
  TopicPartition,
  TopicPartitionOffset,
} from '../types.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import {
  currentProtocol,
  firstProtocol,
  type TransactionProtocol,
} from './transaction-protocol.ts';

export interface TransactionSettings {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** For each call that waits for the coordinator. */
  readonly maxBlockMs: number;
}

type State = 'uninitialized' | 'ready' | 'open' | 'committing' | 'aborting';

/** Another producer has taken the transactional id over, or this one may not use it. */
const fencing = [
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_TXN_STATE',
];

/**
 * The transactions of one producer, one after the other, as its coordinator has them.
 * States: uninitialized -> ready -> open -> committing or aborting -> ready. A failure while open leaves abort as the only way on; a fatal one ends the producer.
 * Each transaction is of the protocol that the cluster speaks when it begins. Source: Kafka `TransactionManager`, KIP-98, KIP-360, KIP-890.
 */
export class Transaction {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #settings: TransactionSettings;
  readonly #coordinator: Coordinator;
  readonly #onProgress: () => void;
  readonly #onFatal: (error: KafkaError) => void;
  #state: State = 'uninitialized';
  #protocol = firstProtocol;
  #identity: ProducerIdentity | null = null;
  #failure: KafkaError | null = null;
  /** The coordinator knows of the open transaction; in the second protocol, it may. */
  #isStarted = false;
  /** Partitions of the open transaction: false while the coordinator has not confirmed them. */
  #partitions = new Map<string, { target: TopicPartition; isAdded: boolean }>();
  #isAdding = false;
  /** Ends the adding of partitions with the transaction. */
  #adding = new AbortController();

  /** `onProgress`: partitions were added, or the transaction failed. */
  constructor(
    cluster: Cluster,
    settings: TransactionSettings,
    onProgress: () => void,
    onFatal: (error: KafkaError) => void,
  ) {
    this.id = settings.transactionalId;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#coordinator = new Coordinator(cluster, this.id, 'transaction');
    this.#onProgress = onProgress;
    this.#onFatal = onFatal;
  }

  get identity(): ProducerIdentity | null {
    return this.#identity;
  }

  /** That of the open transaction. */
  get protocol(): TransactionProtocol {
    return this.#protocol;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Not ready for the next one. */
  get isUnfinished(): boolean {
    return ['open', 'committing', 'aborting'].includes(this.#state);
  }

  /** Why the transaction can only be aborted. */
  get failure(): KafkaError | null {
    return this.#failure;
  }

  async init(signal?: AbortSignal): Promise<void> {
    this.#require('initTransactions', 'uninitialized');
    await this.#obtainIdentity(null, signal);
    this.#state = 'ready';
  }

  begin(): void {
    this.#require('beginTransaction', 'ready');
    this.#protocol = currentProtocol(this.#cluster);
    this.#state = 'open';
  }

  /** True when batches for the partition may go out; else it is being added. */
  admits(target: TopicPartition): boolean {
    const isTaking = this.#state === 'open' || this.#state === 'committing';
    if (!isTaking || this.#failure !== null) return false;
    if (this.#protocol.isSecond) {
      this.#isStarted = true;
      return true;
    }
    const key = `${target.topic} ${target.partition}`;
    const known = this.#partitions.get(key);
    if (known === undefined) {
      this.#partitions.set(key, { target, isAdded: false });
      void this.#addPartitions();
    }
    return known?.isAdded ?? false;
  }

  /** A record of the transaction is lost to it. */
  noteFailure(error: KafkaError): void {
    if (!this.isUnfinished || this.#failure !== null) return;
    this.#failure = error;
    this.#onProgress();
  }

  /** The offsets count when, and only when, the transaction commits. */
  async sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    group: ConsumerGroupMetadata,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#require('sendOffsets', 'open');
    this.#requireNoFailure();
    if (offsets.length === 0) return;
    try {
      await this.#sendOffsets(offsets, group, signal);
    } catch (error) {
      // Whether the coordinator knows of them is open.
      this.noteFailure(
        isKafkaError(error) ? error : clientError('TIMEOUT', 'The offsets were not taken in time'),
      );
      throw error;
    }
  }

  /** `flush` resolves when every record is settled. After a TIMEOUT it is to be called again: whether the transaction is committed is not known. */
  async commit(flush: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    let mayBeCommitted = this.#state === 'committing';
    if (!mayBeCommitted) this.#require('commitTransaction', 'open');
    this.#requireNoFailure();
    // From here on nothing more is taken: it would miss the flush, and so the transaction.
    this.#state = 'committing';
    try {
      await flush();
      this.#requireNoFailure();
      mayBeCommitted = true;
      if (this.#isStarted) await this.#requestEnd(true, signal);
      if (this.#isGoingOver()) await this.#obtainIdentity(this.#identity, signal);
      this.#finish();
    } finally {
      if (this.#failure !== null || !mayBeCommitted) this.#state = 'open';
    }
  }

  /** `drain` gives up what is not sent and resolves when nothing is in flight. */
  async abort(drain: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    if (this.#state !== 'aborting') this.#require('abortTransaction', 'open');
    if (this.#isAdding) {
      this.noteFailure(clientError('TRANSACTION_ABORTED', 'Partitions were still being added'));
    }
    this.#state = 'aborting';
    this.#adding.abort(clientError('TRANSACTION_ABORTED', 'The transaction is aborted'));
    await drain();
    const mayBeOpen = this.#isStarted || (this.#failure !== null && !this.#protocol.isSecond);
    const isRaised = mayBeOpen && (await this.#requestEnd(false, signal));
    const isNeeded = mayBeOpen && this.#failure !== null && !isRaised;
    if (isNeeded || this.#isGoingOver()) {
      // A batch that may still be on its way is fenced by a new epoch, which the coordinator gives only when nothing is open.
      await this.#obtainIdentity(this.#identity, signal).catch((error: unknown) => {
        if (!this.#isUnharmed || !isUnsupported(error)) throw error;
      });
    }
    this.#finish();
  }

  /** It is the abort itself that cut something short, before any batch went out: an old broker, which gives no new epochs, need not. */
  get #isUnharmed(): boolean {
    return this.#failure?.errorName === 'TRANSACTION_ABORTED';
  }

  async #sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    group: ConsumerGroupMetadata,
    signal?: AbortSignal,
  ): Promise<void> {
    const { groupId } = group;
    if (this.#protocol.isSecond) this.#isStarted = true;
    else await this.#addGroup(groupId, signal);
    await this.#commitOffsets(offsets, group, signal);
  }

  async #addGroup(groupId: string, signal?: AbortSignal): Promise<void> {
    await this.#ask(`add offsets of group "${groupId}" to`, signal, async (late) => {
      const { errorCode } = await this.#coordinator.request(
        addOffsetsToTxnApi,
        { ...this.#producer(), groupId },
        { signal: late },
      );
      return errorCode;
    });
    this.#isStarted = true;
  }

  async #commitOffsets(
    offsets: readonly TopicPartitionOffset[],
    group: ConsumerGroupMetadata,
    signal?: AbortSignal,
  ): Promise<void> {
    const { groupId } = group;
    const groupCoordinator = new Coordinator(this.#cluster, groupId, 'group');
    await this.#ask(`commit offsets of group "${groupId}" in`, signal, async (late) => {
      const { topics } = await groupCoordinator.request(
        txnOffsetCommitApi,
        (version) => ({
          ...this.#producer(),
          groupId,
          ...membershipOf(group, version),
          topics: [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, owned]) => ({
            name,
            partitions: owned.map(({ partition, offset, leaderEpoch = -1 }) => ({
              partitionIndex: partition,
              committedOffset: offset,
              committedLeaderEpoch: leaderEpoch,
              committedMetadata: '',
            })),
          })),
        }),
        { maxVersion: this.#protocol.txnOffsetCommit, signal: late },
      );
      const failed = topics
        .flatMap(({ partitions }) => partitions)
        .find((each) => each.errorCode !== 0);
      groupCoordinator.noteError(failed?.errorCode ?? 0);
      return failed?.errorCode ?? 0;
    });
  }

  /** True when the answer carried a raised epoch. */
  async #requestEnd(committed: boolean, signal?: AbortSignal): Promise<boolean> {
    let isRaised = false;
    await this.#ask(committed ? 'commit' : 'abort', signal, async (late) => {
      const { errorCode, producerId, producerEpoch } = await this.#coordinator.request(
        endTxnApi,
        { ...this.#producer(), committed },
        { maxVersion: this.#protocol.endTxn, signal: late },
      );
      if (errorCode === 0 && producerId >= 0n) {
        this.#identity = { id: producerId, epoch: producerEpoch };
        isRaised = true;
      }
      if (committed) return errorCode;
      // The coordinator has forgotten the producer, and with it what was open: only a fresh identity is needed.
      if (errorCode === errorCodes.INVALID_PRODUCER_ID_MAPPING) {
        this.noteFailure(brokerError(errorCode, `Cannot abort the transaction of "${this.id}"`));
        return 0;
      }
      // What failed may have failed before the coordinator knew of it: then there is nothing to abort.
      const isNothingOpen = errorCode === errorCodes.INVALID_TXN_STATE && this.#failure !== null;
      return isNothingOpen ? 0 : errorCode;
    });
    return isRaised;
  }

  /** The next transaction is the first of the second protocol, which wants an epoch of its own. */
  #isGoingOver(): boolean {
    return !this.#protocol.isSecond && currentProtocol(this.#cluster).isSecond;
  }

  #finish(): void {
    this.#state = 'ready';
    this.#failure = null;
    this.#isStarted = false;
    this.#partitions = new Map();
    this.#adding = new AbortController();
  }

  async #obtainIdentity(current: ProducerIdentity | null, signal?: AbortSignal): Promise<void> {
    await this.#ask(current === null ? 'begin with' : 'abort', signal, async (late) => {
      const valueOf = (version: number) => {
        // Asking as if it were new would fence whoever has taken over.
        if (current !== null && version < 3) {
          throw clientError(
            'UNSUPPORTED_VERSION',
            `Producer "${this.id}" cannot go on after a failure: that takes brokers from version 2.5 on; close it and begin with another`,
          );
        }
        return {
          transactionalId: this.id,
          transactionTimeoutMs: this.#settings.timeoutMs,
          ...(current === null ? {} : { producerId: current.id, producerEpoch: current.epoch }),
        };
      };
      const response = await this.#coordinator.request(initProducerIdApi, valueOf, {
        signal: late,
      });
      if (response.errorCode === 0) {
        this.#identity = { id: response.producerId, epoch: response.producerEpoch };
      }
      return response.errorCode;
    });
  }

  /** In the background, all that are wanted with one request, until there are none. */
  async #addPartitions(): Promise<void> {
    if (this.#isAdding) return;
    this.#isAdding = true;
    const partitions = this.#partitions;
    const { signal } = this.#adding;
    try {
      // Lets one round of the sender name all of its partitions.
      await Promise.resolve();
      for (;;) {
        const wanted = [...partitions.values()].filter(({ isAdded }) => !isAdded);
        if (wanted.length === 0 || this.#partitions !== partitions || this.#failure !== null) break;
        await this.#ask(
          'add partitions to',
          signal,
          (late) => this.#addOnce(wanted, late),
          longestDelayMs,
        );
        if (this.#partitions !== partitions) break;
        this.#isStarted = true;
        for (const each of wanted) each.isAdded = true;
        this.#onProgress();
      }
    } catch (error) {
      if (isKafkaError(error) && this.#partitions === partitions) this.noteFailure(error);
    } finally {
      this.#isAdding = false;
      this.#onProgress();
    }
  }

  async #addOnce(
    wanted: readonly { target: TopicPartition }[],
    signal: AbortSignal,
  ): Promise<number> {
    const { transactionalId, producerId, producerEpoch } = this.#producer();
    const targets = wanted.map(({ target }) => target);
    const response = await this.#coordinator.request(
      addPartitionsToTxnApi,
      {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [...Map.groupBy(targets, ({ topic }) => topic)].map(([name, each]) => ({
          name,
          partitions: each.map(({ partition }) => partition),
        })),
      },
      { maxVersion: maxVersions.addPartitionsToTxn, signal },
    );
    return firstError(response);
  }

  #producer(): { transactionalId: string; producerId: bigint; producerEpoch: number } {
    if (this.#identity === null) throw clientError('INVALID_STATE', 'There is no producer id');
    const { id: producerId, epoch: producerEpoch } = this.#identity;
    return { transactionalId: this.id, producerId, producerEpoch };
  }

  /** Tries until the coordinator says yes. What it refuses for good fails the transaction, or ends the producer. */
  async #ask(
    what: string,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<number>,
    timeoutMs = this.#settings.maxBlockMs,
  ): Promise<void> {
    try {
      await this.#cluster.retry(
        async (_, late) => {
          // An answer that comes when the caller has given up changes nothing: the same call made again asks anew.
          const code = await call(late);
          if (code === 0) return;
          this.#coordinator.noteError(code);
          throw brokerError(code, `Cannot ${what} the transaction of "${this.id}"`);
        },
        { timeoutMs, signal },
      );
    } catch (error) {
      if (isKafkaError(error) && fencing.includes(error.errorName)) this.#onFatal(error);
      else if (isKafkaError(error) && !error.isRetriable) this.noteFailure(error);
      throw error;
    }
  }

  #requireNoFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #require(call: string, state: State): void {
    if (this.#state === state) return;
    throw clientError(
      'INVALID_STATE',
      `${call} is not possible: the transaction of "${this.id}" is ${this.#state}, not ${state}`,
    );
  }
}

function firstError(response: Decoded<AddPartitionsToTxnResponse>): number {
  const codes = response.resultsByTopicV3AndBelow
    .flatMap(({ resultsByPartition }) => resultsByPartition)
    .map(({ partitionErrorCode }) => partitionErrorCode)
    .filter((code) => code !== 0);
  // Others of the request were not attempted because of the one that says why.
  return (
    codes.find(
      (code) => code !== errorCodes.OPERATION_NOT_ATTEMPTED && !errorByCode(code).isRetriable,
    ) ??
    codes.find((code) => code !== errorCodes.OPERATION_NOT_ATTEMPTED) ??
    codes[0] ??
    0
  );
}

function isUnsupported(error: unknown): boolean {
  return isKafkaError(error) && error.errorName === 'UNSUPPORTED_VERSION';
}

/** Older brokers cannot refuse what a member that was replaced commits. */
function membershipOf(group: ConsumerGroupMetadata, version: number) {
  const { generation: generationId, memberId, groupInstanceId } = group;
  if (version >= 3) return { generationId, memberId, groupInstanceId };
  if (generationId === -1 && memberId === '') return {};
  throw clientError(
    'UNSUPPORTED_VERSION',
    `Cannot commit offsets of group "${group.groupId}" as its member in a transaction: that takes brokers from version 2.5 on`,
  );
}
