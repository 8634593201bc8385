import { encodeControlBatch, errorCodes } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { StorageError } from '../errors.ts';
import type { Change, NamedOffset, Transaction } from '../state.ts';

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * The transaction coordinator. In the first protocol partitions and groups are added before they are written to; in the second with what is written, and each end of a transaction
 * gives its producer a raised epoch. Each call finishes before it returns:
 * a decision is written to the journal, then markers to the logs, then the offsets and the end to the journal in one line.
 * What was decided and not finished (disk full, end of the process) is finished by the next call or at the next start.
 * Source: Kafka `TransactionCoordinator`, KIP-98, KIP-360, KIP-588, KIP-890.
 */
export interface ProducerIdentity extends Identity {
  readonly transactionalId: string;
}

export interface InitResult {
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** The next epoch would be the last: a new id is taken instead. */
const lastEpoch = 32_766;

/** Fences the former producer of the id, aborts what it left open, and gives out a new epoch. `expected` is what a producer that recovers believes to be. */
export function initTransactionalProducer(
  broker: Broker,
  transactionalId: string,
  timeoutMs: number,
  expected: Identity | null,
): InitResult {
  const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 });
  if (transactionalId === '') return refused(errorCodes.INVALID_REQUEST);
  if (timeoutMs <= 0 || timeoutMs > broker.config['transaction.max.timeout.ms']) {
    return refused(errorCodes.INVALID_TRANSACTION_TIMEOUT);
  }
  let known = finishDecided(broker, transactionalId);
  if (known === 'unfinished') return refused(errorCodes.CONCURRENT_TRANSACTIONS);
  // As in Kafka an id that is not known, or was forgotten, begins anew whatever its producer believes.
  const believed = known === undefined ? null : expected;
  if (believed !== null && !isSame(known, believed)) {
    if (known?.status !== 'Empty' || !isSame(known.lastProducer, believed)) {
      return refused(errorCodes.PRODUCER_FENCED);
    }
    // The answer to the first call was lost.
    const { producerId, producerEpoch } = known;
    return { errorCode: errorCodes.NONE, producerId, producerEpoch };
  }
  if (known?.status === 'Ongoing') {
    const fenced = { ...known, producerEpoch: known.producerEpoch + 1 };
    if (!decide(broker, fenced, false)) return refused(errorCodes.CONCURRENT_TRANSACTIONS);
    known = broker.state.transactions.get(transactionalId);
  }
  const next =
    known !== undefined && known.producerEpoch < lastEpoch
      ? { producerId: known.producerId, producerEpoch: known.producerEpoch + 1 }
      : { producerId: broker.newProducerId(), producerEpoch: 0 };
  broker.commit([emptyTransaction(broker, transactionalId, next, believed, timeoutMs)]);
  return { errorCode: errorCodes.NONE, ...next };
}

/** Partitions as `[topic, partition]`; the first one begins the transaction. */
export function addPartitions(
  broker: Broker,
  producer: ProducerIdentity,
  partitions: readonly (readonly [string, number])[],
): number {
  const found = findOpen(broker, producer);
  if (typeof found === 'number') return found;
  const key = ([topic, partition]: readonly [string, number]) => `${topic}:${partition}`;
  const present = new Set(found.partitions.map(key));
  const added = partitions.filter((one) => !present.has(key(one)));
  if (added.length === 0 && found.status === 'Ongoing') return errorCodes.NONE;
  begin(broker, { ...found, partitions: [...found.partitions, ...added] });
  return errorCodes.NONE;
}

export function addGroup(broker: Broker, producer: ProducerIdentity, groupId: string): number {
  const found = findOpen(broker, producer);
  if (typeof found === 'number') return found;
  if (found.groups.includes(groupId)) return errorCodes.NONE;
  begin(broker, { ...found, groups: [...found.groups, groupId] });
  return errorCodes.NONE;
}

/** The offsets become visible when the transaction is committed. `mayAdd`: the group need not have been added. */
export function addOffsets(
  broker: Broker,
  producer: ProducerIdentity,
  groupId: string,
  offsets: readonly NamedOffset[],
  mayAdd: boolean,
): number {
  if (mayAdd) addGroup(broker, producer, groupId);
  const found = findOpen(broker, producer);
  if (typeof found === 'number') {
    return found === errorCodes.PRODUCER_FENCED ? errorCodes.INVALID_PRODUCER_EPOCH : found;
  }
  if (found.status !== 'Ongoing' || !found.groups.includes(groupId))
    return errorCodes.INVALID_TXN_STATE;
  const isReplaced = (old: NamedOffset) =>
    offsets.some((one) => {
      const isSamePartition = one.topic === old.topic && one.partition === old.partition;
      return isSamePartition && one.groupId === old.groupId;
    });
  const pendingOffsets = [...found.pendingOffsets.filter((old) => !isReplaced(old)), ...offsets];
  broker.commit([{ type: 'transaction', ...found, pendingOffsets }]);
  return errorCodes.NONE;
}

export function endTransaction(
  broker: Broker,
  producer: ProducerIdentity,
  isCommit: boolean,
): number {
  const decided = broker.state.transactions.get(producer.transactionalId);
  const isPrepared = decided?.status === 'PrepareCommit' || decided?.status === 'PrepareAbort';
  if (isPrepared && (decided.status === 'PrepareCommit') !== isCommit) {
    return errorCodes.INVALID_TXN_STATE;
  }
  const found = findOpen(broker, producer);
  if (typeof found === 'number') return found;
  if (found.status === 'Empty') {
    // The answer to the first EndTxn was lost.
    const isRepeated = found.lastOutcome === (isCommit ? 'commit' : 'abort');
    return isRepeated ? errorCodes.NONE : errorCodes.INVALID_TXN_STATE;
  }
  return decide(broker, found, isCommit) ? errorCodes.NONE : errorCodes.COORDINATOR_NOT_AVAILABLE;
}

/** The same in the second protocol: markers and the next transaction have a higher epoch than what was sent in this one. An abort of nothing raises it, too. */
export function endAndRaise(
  broker: Broker,
  producer: ProducerIdentity,
  isCommit: boolean,
): InitResult {
  const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 });
  const current = finishDecided(broker, producer.transactionalId);
  if (current !== undefined && current !== 'unfinished' && current.status === 'Empty') {
    const isLate = current.lastOutcome !== null && isSame(current.lastProducer, producer);
    // The answer to the first EndTxn was lost.
    if (isLate && current.lastOutcome === (isCommit ? 'commit' : 'abort')) return given(current);
    if (isLate) return refused(errorCodes.INVALID_TXN_STATE);
  }
  const found = findOpen(broker, producer);
  if (typeof found === 'number') return refused(found);
  const raised = raise(found);
  if (found.status === 'Ongoing') {
    if (!decide(broker, raised, isCommit)) return refused(errorCodes.COORDINATOR_NOT_AVAILABLE);
  } else if (isCommit) return refused(errorCodes.INVALID_TXN_STATE);
  else broker.commit([{ type: 'transaction', ...raised, lastOutcome: 'abort' }]);
  if (raised.producerEpoch >= lastEpoch) {
    const ended = broker.state.transactions.get(producer.transactionalId) ?? raised;
    const fresh = { producerId: broker.newProducerId(), producerEpoch: 0 };
    broker.commit([{ type: 'transaction', ...ended, ...fresh }]);
  }
  return given(broker.state.transactions.get(producer.transactionalId) ?? raised);
}

function raise(transaction: Transaction): Transaction {
  const { producerId, producerEpoch } = transaction;
  return {
    ...transaction,
    producerEpoch: producerEpoch + 1,
    lastProducer: { producerId, producerEpoch },
  };
}

function given({ producerId, producerEpoch }: Identity): InitResult {
  return { errorCode: errorCodes.NONE, producerId, producerEpoch };
}

/** At start: carries out what was decided, and lets the others go on with the time they have left. */
export function resumeTransactions(broker: Broker): void {
  for (const transaction of broker.state.transactions.values()) {
    finishDecided(broker, transaction.transactionalId);
    if (transaction.status === 'Ongoing') startTimeout(broker, transaction);
  }
}

function isSame(known: Identity | null | undefined, expected: Identity): boolean {
  if (known?.producerId !== expected.producerId) return false;
  return known.producerEpoch === expected.producerEpoch;
}

/** The producer's transaction, empty or running; or why it may not go on. */
function findOpen(broker: Broker, producer: ProducerIdentity): Transaction | number {
  const known = finishDecided(broker, producer.transactionalId);
  if (known === 'unfinished') return errorCodes.CONCURRENT_TRANSACTIONS;
  if (known === undefined || known.producerId !== producer.producerId) {
    return errorCodes.INVALID_PRODUCER_ID_MAPPING;
  }
  return known.producerEpoch === producer.producerEpoch ? known : errorCodes.PRODUCER_FENCED;
}

function begin(broker: Broker, transaction: Transaction): void {
  const isNew = transaction.status === 'Empty';
  const nowMs = broker.clock.now();
  const ongoing: Transaction = {
    ...transaction,
    status: 'Ongoing',
    startedMs: isNew ? nowMs : transaction.startedMs,
    changedMs: nowMs,
  };
  broker.commit([{ type: 'transaction', ...ongoing }]);
  if (isNew) startTimeout(broker, ongoing);
}

/** A transaction that takes longer than its producer said is aborted, and the producer fenced by a higher epoch. */
function startTimeout(
  broker: Broker,
  { transactionalId, startedMs, timeoutMs }: Transaction,
): void {
  stopTimeout(broker, transactionalId);
  const leftMs = startedMs + timeoutMs - broker.clock.now();
  const timer = broker.clock.after(leftMs, () => {
    const current = broker.state.transactions.get(transactionalId);
    if (current?.status !== 'Ongoing') return;
    broker.logger.info(
      `Aborting the transaction of "${transactionalId}": it has run for ${timeoutMs} ms`,
    );
    const isDone = decide(broker, { ...current, producerEpoch: current.producerEpoch + 1 }, false);
    if (!isDone) retryLater(broker, transactionalId);
  });
  broker.transactionTimers.set(transactionalId, timer);
}

const retryDelayMs = 1000;

/** Open transactions hold back readers: a full disk must not leave one behind when space is back. */
function retryLater(broker: Broker, transactionalId: string): void {
  const timer = broker.clock.after(retryDelayMs, () => {
    const current = broker.state.transactions.get(transactionalId);
    if (current === undefined || current.status === 'Empty') return;
    const isDone =
      current.status === 'Ongoing'
        ? decide(broker, { ...current, producerEpoch: current.producerEpoch + 1 }, false)
        : finishDecided(broker, transactionalId) !== 'unfinished';
    if (!isDone) retryLater(broker, transactionalId);
  });
  broker.transactionTimers.set(transactionalId, timer);
}

function stopTimeout(broker: Broker, transactionalId: string): void {
  broker.transactionTimers.get(transactionalId)?.cancel();
  broker.transactionTimers.delete(transactionalId);
}

/** False when the disk was full before the decision, or before its end. */
function decide(broker: Broker, transaction: Transaction, isCommit: boolean): boolean {
  const { transactionalId } = transaction;
  try {
    const status = isCommit ? 'PrepareCommit' : 'PrepareAbort';
    broker.commit([{ type: 'transaction', ...transaction, status }]);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return false;
  }
  stopTimeout(broker, transactionalId);
  if (finishDecided(broker, transactionalId) !== 'unfinished') return true;
  retryLater(broker, transactionalId);
  return false;
}

/** Carries out a decision that is in the journal, and returns the transaction as it is then. Markers written twice do no harm. */
function finishDecided(
  broker: Broker,
  transactionalId: string,
): Transaction | 'unfinished' | undefined {
  const transaction = broker.state.transactions.get(transactionalId);
  if (transaction === undefined) return undefined;
  const { status } = transaction;
  if (status !== 'PrepareCommit' && status !== 'PrepareAbort') return transaction;
  const isCommit = status === 'PrepareCommit';
  try {
    for (const [topic, partition] of transaction.partitions) {
      broker.log(topic, partition)?.append(marker(broker, transaction, isCommit));
    }
    const offsets = isCommit ? transaction.pendingOffsets : [];
    const exists = ({ topic, partition }: NamedOffset) => {
      return partition < (broker.topic(topic)?.partitions ?? 0);
    };
    const ended: Change = {
      type: 'transaction',
      ...transaction,
      status: 'Empty',
      lastOutcome: isCommit ? 'commit' : 'abort',
      changedMs: broker.clock.now(),
      partitions: [],
      groups: [],
      pendingOffsets: [],
    };
    const committed = offsets.filter(exists);
    for (const { groupId } of committed) broker.groupOrNew(groupId);
    broker.commit([...committed.map((one) => ({ type: 'offset' as const, ...one })), ended]);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    broker.logger.error(`Cannot end the transaction of "${transactionalId}": ${error.message}`);
    return 'unfinished';
  }
  return broker.state.transactions.get(transactionalId);
}

function marker(broker: Broker, transaction: Transaction, isCommit: boolean): Buffer {
  return encodeControlBatch({
    type: isCommit ? 'COMMIT' : 'ABORT',
    producerId: BigInt(transaction.producerId),
    producerEpoch: transaction.producerEpoch,
    coordinatorEpoch: 0,
    timestampMs: broker.clock.now(),
  });
}

function emptyTransaction(
  broker: Broker,
  transactionalId: string,
  producer: Identity,
  lastProducer: Identity | null,
  timeoutMs: number,
): Change {
  return {
    type: 'transaction',
    transactionalId,
    ...producer,
    lastProducer,
    timeoutMs,
    status: 'Empty',
    lastOutcome: null,
    startedMs: -1,
    changedMs: broker.clock.now(),
    partitions: [],
    groups: [],
    pendingOffsets: [],
  };
}
