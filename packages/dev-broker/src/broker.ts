import type { BrokerConfig } from './broker-config.ts';
import type { Clock, Timer } from './clock.ts';
import { DevBrokerError } from './errors.ts';
import type { Faults } from './faults.ts';
import { FetchSessions } from './fetch-sessions.ts';
import { Group } from './groups/group.ts';
import { type Journal, openJournal } from './log/journal.ts';
import type { Storage } from './log/log-file.ts';
import { type LogConfig, PartitionLog } from './log/partition-log.ts';
import type { BrokerLogger } from './logger.ts';
import {
  applyChange,
  type BrokerState,
  type Change,
  createState,
  snapshotState,
  type Topic,
} from './state.ts';
import { topicConfigNumber } from './topic-config.ts';

export interface BrokerOptions {
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger: BrokerLogger;
  readonly faults: Faults;
}

/** What clients are told to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * The one owner of the broker's state: topics and their logs, groups, producer ids, transactions. Handlers change it through `commit` and
 * through the logs; both finish before they return, so that no handler sees another's half-done work.
 */
export class Broker {
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly logger: BrokerLogger;
  readonly storage: Storage;
  readonly faults: Faults;
  readonly fetchSessions: FetchSessions;
  readonly state: BrokerState = createState();
  /** Timers that end transactions, by transactional id. */
  readonly transactionTimers = new Map<string, Timer>();
  address: Address = { host: '127.0.0.1', port: 0 };
  private readonly journal: Journal<Change>;
  private readonly logs = new Map<string, PartitionLog[]>();
  private readonly groups = new Map<string, Group>();
  private readonly topicsById = new Map<string, Topic>();
  private producerIdsReserved: number;
  private producerIdNext: number;

  /** Reads what the storage holds. Throws DevBrokerError when that is damaged. */
  constructor(options: BrokerOptions) {
    this.config = options.config;
    this.clusterId = options.clusterId;
    this.clock = options.clock;
    this.logger = options.logger;
    this.storage = options.storage;
    this.faults = options.faults;
    const slots = this.config['max.incremental.fetch.session.cache.slots'];
    this.fetchSessions = new FetchSessions(slots, this.clock);
    const { storage, logger } = options;
    const journalOptions = {
      storage,
      path: 'state.journal',
      logger,
      snapshot: () => snapshotState(this.state),
    };
    this.journal = openJournal<Change>(journalOptions, (change) => applyChange(this.state, change));
    this.producerIdNext = this.state.nextProducerId;
    this.producerIdsReserved = this.state.nextProducerId;
    this.removeDeletedLogs();
    for (const topic of this.state.topics.values()) this.openLogs(topic);
    for (const stored of this.state.groups.values()) {
      this.groups.set(stored.groupId, new Group(stored.groupId, this.groupContext(), stored));
    }
    // Groups that only commit offsets have no members to be stored for.
    for (const groupId of this.state.offsets.keys()) this.groupOrNew(groupId);
  }

  /** Makes the changes durable, then true. Throws StorageError with nothing changed. */
  commit(changes: readonly Change[]): void {
    this.journal.append(changes);
    for (const change of changes) {
      applyChange(this.state, change);
      if (change.type === 'topic') this.openLogs(this.state.topics.get(change.name) as Topic);
      if (change.type === 'topic-removed') this.closeLogs(change.name);
    }
  }

  topic(name: string): Topic | undefined {
    return this.state.topics.get(name);
  }

  topicById(id: string): Topic | undefined {
    return this.topicsById.get(id);
  }

  log(topic: string, partition: number): PartitionLog | undefined {
    return this.logs.get(topic)?.[partition];
  }

  /** Of every partition. */
  *allLogs(): Generator<{ topic: Topic; partition: number; log: PartitionLog }> {
    for (const topic of this.state.topics.values()) {
      for (const [partition, log] of (this.logs.get(topic.name) ?? []).entries()) {
        yield { topic, partition, log };
      }
    }
  }

  group(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }

  groupOrNew(groupId: string): Group {
    const found = this.groups.get(groupId);
    if (found !== undefined) return found;
    const group = new Group(groupId, this.groupContext());
    this.groups.set(groupId, group);
    return group;
  }

  allGroups(): Group[] {
    return [...this.groups.values()];
  }

  deleteGroup(groupId: string): void {
    this.commit([{ type: 'group-removed', groupId }]);
    this.groups.get(groupId)?.close();
    this.groups.delete(groupId);
  }

  /** A group that a refused member would have begun. */
  forgetUnusedGroup(groupId: string): void {
    const isUnused = this.groups.get(groupId)?.isUnused === true;
    if (isUnused && !this.state.offsets.has(groupId)) this.groups.delete(groupId);
  }

  /** Never given out before, also not before a crash: a thousand are reserved at a time. */
  newProducerId(): number {
    if (this.producerIdNext >= this.producerIdsReserved) {
      const next = this.producerIdsReserved + 1000;
      this.commit([{ type: 'producer-ids', next }]);
      this.producerIdsReserved = next;
    }
    return this.producerIdNext++;
  }

  close(): void {
    for (const timer of this.transactionTimers.values()) timer.cancel();
    for (const group of this.groups.values()) group.close();
    for (const logs of this.logs.values()) {
      for (const log of logs) {
        log.close();
      }
    }
    this.journal.flush();
    this.journal.close();
  }

  private openLogs(topic: Topic): void {
    this.topicsById.set(topic.id, topic);
    const config = logConfig(topic, this.config);
    const logs = this.logs.get(topic.name) ?? [];
    this.logs.set(topic.name, logs);
    for (const log of logs) log.config = config;
    for (let partition = logs.length; partition < topic.partitions; partition++) {
      const context = {
        topic: topic.name,
        partition,
        folder: `topics/${topic.name}/${partition}`,
        storage: this.storage,
        clock: this.clock,
        logger: this.logger,
      };
      logs.push(new PartitionLog(context, config, topic.startOffsets.get(partition) ?? 0));
    }
  }

  private closeLogs(topic: string): void {
    for (const log of this.logs.get(topic) ?? []) {
      log.close();
      for (const watcher of log.watchers) watcher(Number.POSITIVE_INFINITY);
    }
    this.logs.delete(topic);
    for (const [id, one] of this.topicsById) {
      if (one.name === topic) this.topicsById.delete(id);
    }
    this.storage.remove(`topics/${topic}`);
  }

  /** The journal knows every topic: a folder that it does not know is left over from a deletion that was cut short. */
  private removeDeletedLogs(): void {
    for (const name of this.storage.list('topics')) {
      if (this.state.topics.has(name)) continue;
      if (this.state.topics.size === 0 && this.state.nextProducerId === 0) {
        throw new DevBrokerError(
          'TRB_BROKER_FOLDER_CORRUPT',
          `Cannot open the data folder: "topics/${name}" exists, but "state.journal" is empty; restore the journal or delete the data folder`,
        );
      }
      this.logger.info(`Removing the rest of the deleted topic "${name}"`);
      this.storage.remove(`topics/${name}`);
    }
  }

  private groupContext(): ConstructorParameters<typeof Group>[1] {
    return {
      clock: this.clock,
      settings: {
        initialRebalanceDelayMs: this.config['group.initial.rebalance.delay.ms'],
        minSessionTimeoutMs: this.config['group.min.session.timeout.ms'],
        maxSessionTimeoutMs: this.config['group.max.session.timeout.ms'],
        maxSize: this.config['group.max.size'],
      },
      store: (group) => this.commit([{ type: 'group', ...group }]),
    };
  }
}

function logConfig(topic: Topic, broker: BrokerConfig): LogConfig {
  const flushRecords = topicConfigNumber(topic.configs, 'flush.messages', broker);
  return {
    segmentBytes: topicConfigNumber(topic.configs, 'segment.bytes', broker),
    segmentMs: topicConfigNumber(topic.configs, 'segment.ms', broker),
    flushRecords: flushRecords >= 2 ** 53 ? Number.POSITIVE_INFINITY : flushRecords,
  };
}
