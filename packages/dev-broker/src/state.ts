/**
 * All that the broker remembers besides records, as plain data, and the changes that make it. A change is written to the journal, then applied:
 * what is in memory is never ahead of the file. Applying the same changes in the same order gives the same state. No I/O.
 */
export interface BrokerState {
  readonly topics: Map<string, Topic>;
  readonly groups: Map<string, StoredGroup>;
  /** By group, topic, partition. */
  readonly offsets: Map<string, GroupOffsets>;
  readonly brokerConfigs: Map<string, string>;
  /** Ids below may have been given out. */
  nextProducerId: number;
  /** By transactional id. */
  readonly transactions: Map<string, Transaction>;
}

export interface Topic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  readonly configs: ReadonlyMap<string, string>;
  /** Where DeleteRecords put the start of a partition's log. */
  readonly startOffsets: Map<number, number>;
}

/** A group as of its last completed rebalance. Bytes are base64. */
export interface StoredGroup {
  readonly groupId: string;
  readonly generationId: number;
  readonly protocolType: string;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  readonly members: readonly StoredMember[];
  readonly changedMs: number;
}

export interface StoredMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly { readonly name: string; readonly metadata: string }[];
  readonly assignment: string;
}

export type GroupOffsets = Map<string, Map<number, CommittedOffset>>;

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedMs: number;
}

export interface NamedOffset extends CommittedOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * Empty -> Ongoing (first partition or group added) -> PrepareCommit | PrepareAbort (decided: markers are written, then offsets) -> Empty.
 * A decision in the journal is carried out at the next start when the broker ended in between.
 */
export type TransactionStatus = 'Empty' | 'Ongoing' | 'PrepareCommit' | 'PrepareAbort';

export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** What the producer was before it was given a new epoch: it may ask again when the answer was lost. */
  readonly lastProducer: { readonly producerId: number; readonly producerEpoch: number } | null;
  readonly timeoutMs: number;
  readonly status: TransactionStatus;
  /** How the last one ended, so that a repeated EndTxn gets the same answer. */
  readonly lastOutcome: 'commit' | 'abort' | null;
  readonly startedMs: number;
  readonly changedMs: number;
  /** `[topic, partition]`. */
  readonly partitions: readonly (readonly [string, number])[];
  readonly groups: readonly string[];
  readonly pendingOffsets: readonly NamedOffset[];
}

export type Change =
  | {
      readonly type: 'topic';
      readonly name: string;
      readonly id: string;
      readonly partitions: number;
      readonly configs: Readonly<Record<string, string>>;
    }
  | { readonly type: 'topic-removed'; readonly name: string }
  | {
      readonly type: 'log-start';
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
    }
  | ({ readonly type: 'group' } & StoredGroup)
  | { readonly type: 'group-removed'; readonly groupId: string }
  | ({ readonly type: 'offset' } & NamedOffset)
  | {
      readonly type: 'offset-removed';
      readonly groupId: string;
      readonly topic: string;
      readonly partition: number;
    }
  | { readonly type: 'broker-config'; readonly name: string; readonly value: string | null }
  | { readonly type: 'producer-ids'; readonly next: number }
  | ({ readonly type: 'transaction' } & Transaction)
  | { readonly type: 'transaction-removed'; readonly transactionalId: string };

export function createState(): BrokerState {
  return {
    topics: new Map(),
    groups: new Map(),
    offsets: new Map(),
    brokerConfigs: new Map(),
    nextProducerId: 0,
    transactions: new Map(),
  };
}

export function applyChange(state: BrokerState, change: Change): void {
  switch (change.type) {
    case 'topic': {
      const known = state.topics.get(change.name);
      const isSame = known?.id === change.id;
      state.topics.set(change.name, {
        name: change.name,
        id: change.id,
        partitions: change.partitions,
        configs: new Map(Object.entries(change.configs)),
        startOffsets: isSame ? known.startOffsets : new Map(),
      });
      return;
    }
    case 'topic-removed':
      state.topics.delete(change.name);
      for (const offsets of state.offsets.values()) offsets.delete(change.name);
      return;
    case 'log-start':
      state.topics.get(change.topic)?.startOffsets.set(change.partition, change.offset);
      return;
    case 'group': {
      const { type: _, ...group } = change;
      state.groups.set(group.groupId, group);
      return;
    }
    case 'group-removed':
      state.groups.delete(change.groupId);
      state.offsets.delete(change.groupId);
      return;
    case 'offset':
      setOffset(state, change);
      return;
    case 'offset-removed': {
      const partitions = state.offsets.get(change.groupId)?.get(change.topic);
      partitions?.delete(change.partition);
      if (partitions?.size === 0) state.offsets.get(change.groupId)?.delete(change.topic);
      return;
    }
    case 'broker-config':
      if (change.value === null) state.brokerConfigs.delete(change.name);
      else state.brokerConfigs.set(change.name, change.value);
      return;
    case 'producer-ids':
      state.nextProducerId = change.next;
      return;
    case 'transaction': {
      const { type: _, ...transaction } = change;
      state.transactions.set(transaction.transactionalId, transaction);
      return;
    }
    case 'transaction-removed':
      state.transactions.delete(change.transactionalId);
  }
}

/** The changes that make this state out of an empty one. */
export function snapshotState(state: BrokerState): Change[] {
  const changes: Change[] = [{ type: 'producer-ids', next: state.nextProducerId }];
  for (const [name, value] of state.brokerConfigs) {
    changes.push({ type: 'broker-config', name, value });
  }
  for (const { name, id, partitions, configs, startOffsets } of state.topics.values()) {
    changes.push({ type: 'topic', name, id, partitions, configs: Object.fromEntries(configs) });
    for (const [partition, offset] of startOffsets) {
      changes.push({ type: 'log-start', topic: name, partition, offset });
    }
  }
  for (const group of state.groups.values()) changes.push({ type: 'group', ...group });
  for (const [groupId, topics] of state.offsets) {
    for (const [topic, partitions] of topics) {
      for (const [partition, offset] of partitions) {
        changes.push({ type: 'offset', groupId, topic, partition, ...offset });
      }
    }
  }
  for (const one of state.transactions.values()) changes.push({ type: 'transaction', ...one });
  return changes;
}

function setOffset(state: BrokerState, change: NamedOffset): void {
  let topics = state.offsets.get(change.groupId);
  if (topics === undefined) {
    topics = new Map();
    state.offsets.set(change.groupId, topics);
  }
  let partitions = topics.get(change.topic);
  if (partitions === undefined) {
    partitions = new Map();
    topics.set(change.topic, partitions);
  }
  const { offset, leaderEpoch, metadata, committedMs } = change;
  partitions.set(change.partition, { offset, leaderEpoch, metadata, committedMs });
}
