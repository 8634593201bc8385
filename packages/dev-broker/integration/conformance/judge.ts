/** A client behind the calls that the cases need. What a client cannot do is absent, and so are the cases that need it. */
export interface Judge extends AsyncDisposable {
  readonly codecs: readonly string[];
  createTopic(topic: string, partitions: number, configs?: Record<string, string>): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  addPartitions(topic: string, total: number): Promise<void>;
  topics(): Promise<string[]>;
  partitionCount(topic: string): Promise<number>;
  /** In order, one call for all. */
  produce(
    topic: string,
    records: readonly SentRecord[],
    how?: { readonly codec?: string; readonly isIdempotent?: boolean },
  ): Promise<void>;
  /** Takes over from whoever had the id before. */
  transactional(transactionalId: string): Promise<TransactionalSender>;
  member(group: string, topic: string, how?: MemberOptions): Promise<Member>;
  committed(group: string, topic: string, partition: number): Promise<Commit>;
  /** By a group without members. */
  setOffset?(group: string, topic: string, partition: number, offset: number): Promise<void>;
  /** Forgets what was committed. */
  deleteOffset?(group: string, topic: string, partition: number): Promise<void>;
  groups(): Promise<string[]>;
  describeGroup(group: string): Promise<{ readonly state: string; readonly members: number }>;
  deleteGroup(group: string): Promise<void>;
  config(topic: string, key: string): Promise<string | null>;
  setConfig?(topic: string, key: string, value: string): Promise<void>;
  startOffset(topic: string): Promise<number>;
  endOffset(topic: string): Promise<number>;
  offsetAt(topic: string, timestampMs: number): Promise<number>;
  deleteRecords(topic: string, beforeOffset: number): Promise<void>;
}

export interface SentRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timestampMs?: number;
}

export interface FoundRecord extends SentRecord {
  readonly headers: Readonly<Record<string, string>>;
  readonly offset: number;
  readonly timestampMs: number;
}

export interface TransactionalSender {
  begin(): Promise<OpenTransaction>;
  close(): Promise<void>;
}

export interface OpenTransaction {
  /** To partition 0; resolves when the broker has them. */
  send(topic: string, values: readonly string[]): Promise<void>;
  /** Of a group without members. */
  sendOffset?(group: string, topic: string, partition: number, offset: number): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface MemberOptions {
  /** Of static membership. */
  readonly instanceId?: string;
  readonly isCommittedOnly?: boolean;
  /** Of a partition in one fetch; a larger batch comes alone. */
  readonly fetchBytes?: number;
}

/** A member of a group that reads a topic from its committed offset, else from the start. */
export interface Member {
  readonly records: FoundRecord[];
  /** Partitions, sorted; empty before the first assignment. */
  assignment(): number[];
  commit(partition: number, offset: number, metadata?: string): Promise<void>;
  pause?(partition: number): void;
  resume?(partition: number): void;
  /** Leaves the group; a static member only goes. */
  leave(): Promise<void>;
}

export interface Commit {
  readonly offset: number;
  readonly metadata: string | null;
}
