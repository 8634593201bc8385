import type {
  ConsumedRecords,
  Consumer,
  RebalanceListener,
  TopicPartition,
  TopicPartitionOffset,
} from '@tributary/kafka';
import { DataError, RetriableError, type SinkTask, type SinkTaskContext } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import type { ConnectorState } from '../herder/herder.ts';
import { createLogger } from '../logging.ts';
import { createSinkConversion } from '../stages/convert.ts';
import { formatTrace } from '../stages/trace.ts';
import type { Converters, Failure } from '../stages/types.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { runTask } from '../worker/run-task.ts';
import { TaskControl } from '../worker/task-control.ts';
import { createSinkSpine } from './worker-sink-task.ts';

const p0 = { topic: 't', partition: 0 };
const p1 = { topic: 't', partition: 1 };

describe('the sink spine', () => {
  it('commits what was put when it stops, after close and before stop', async () => {
    const run = start();
    run.consumer.deliver(p0, ['a', 'b']);
    await settle();
    await run.stop();
    expect(run.puts).toContainEqual(['a', 'b']);
    expect(run.consumer.committed).toEqual([[{ ...p0, offset: 2n }]]);
    expect(run.calls).toEqual(['start', 'open', 'preCommit', 'close', 'stop']);
    expect(run.statuses).toEqual(['RUNNING', 'UNASSIGNED']);
    expect(run.topics).toEqual(['t']);
  });

  it('gives the same records again after a RetriableError and consumes nothing meanwhile', async () => {
    const run = start({ putErrors: [new RetriableError('busy'), new RetriableError('busy')] });
    run.consumer.deliver(p0, ['a', 'b']);
    await settle();
    run.consumer.deliver(p0, ['c']);
    await run.clock.advance(1000);
    expect(run.puts.slice(0, 2)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await run.clock.advance(1000);
    await run.stop();
    expect(run.puts.flat().filter((value) => value === 'c')).toHaveLength(1);
    expect(run.puts[2]).toEqual(['a', 'b']);
    expect(run.consumer.committed.at(-1)).toEqual([{ ...p0, offset: 3n }]);
  });

  it('commits nothing of a batch that was not put', async () => {
    const run = start({ putErrors: [null, new Error('disk full')] });
    run.consumer.deliver(p0, ['a']);
    await settle();
    run.consumer.deliver(p0, ['b']);
    await run.task.done;
    expect(run.consumer.committed).toEqual([[{ ...p0, offset: 1n }]]);
    expect(run.statuses).toEqual(['RUNNING', 'FAILED']);
    expect(run.trace).toMatch(
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception\.\n/,
    );
  });

  it('reports a bad record before it fails the task, and delivers nothing of its batch', async () => {
    const run = start();
    run.consumer.deliver(p0, ['a', 'bad', 'c']);
    await run.task.done;
    expect(run.reported.map(({ stage }) => stage)).toEqual(['VALUE_CONVERTER']);
    expect(run.puts.flat()).toEqual([]);
    expect(run.consumer.committed).toEqual([]);
    expect(run.trace).toContain('ConnectException: Tolerance exceeded in error handler');
  });

  it('skips bad records that are tolerated, reports them and commits past them', async () => {
    const run = start({ toleratesAll: true });
    run.consumer.deliver(p0, ['a', 'bad', 'c', 'bad']);
    await settle();
    await run.stop();
    expect(run.puts.flat()).toEqual(['a', 'c']);
    expect(run.reported).toHaveLength(2);
    expect(run.consumer.committed).toEqual([[{ ...p0, offset: 4n }]]);
  });

  it('fails, and commits nothing, when a tolerated record cannot be reported', async () => {
    const run = start({ toleratesAll: true, refusesReports: true });
    run.consumer.deliver(p0, ['a', 'bad', 'c']);
    await run.task.done;
    expect(run.statuses.at(-1)).toBe('FAILED');
    expect(run.trace).toContain('dead letter queue refused');
    expect(run.consumer.committed).toEqual([]);
    expect(run.calls).toContain('close');
  });

  it('commits and closes partitions that are revoked, and keeps the others', async () => {
    const run = start();
    run.consumer.assign([p0, p1]);
    run.consumer.deliver(p0, ['a']);
    run.consumer.deliver(p1, ['x', 'y']);
    await settle();
    run.consumer.revoke([p1]);
    await settle();
    expect(run.consumer.committed).toEqual([[{ ...p1, offset: 2n }]]);
    await run.stop();
    expect(run.consumer.committed.at(-1)).toEqual([{ ...p0, offset: 1n }]);
  });

  it('commits nothing for partitions that are lost', async () => {
    const run = start();
    run.consumer.deliver(p0, ['a']);
    await settle();
    run.consumer.lose([p0]);
    await settle();
    await run.stop();
    expect(run.consumer.committed).toEqual([]);
    expect(run.calls).toContain('close');
  });

  it('reads again from the last commit when preCommit fails', async () => {
    const run = start({ preCommitErrors: [new Error('flush failed')] });
    run.consumer.deliver(p0, ['a', 'b']);
    await settle();
    await run.clock.advance(60_000);
    expect(run.consumer.seeks).toEqual([{ ...p0, offset: 0n }]);
    expect(run.consumer.committed).toEqual([]);
    await run.stop();
  });

  it('ignores the answer to a commit that a newer one has replaced', async () => {
    const run = start({ commitsHang: true });
    run.consumer.deliver(p0, ['a']);
    await settle();
    await run.clock.advance(60_000);
    expect(run.consumer.committed).toEqual([[{ ...p0, offset: 1n }]]);
    run.consumer.deliver(p0, ['b']);
    await run.clock.advance(60_000);
    await run.clock.advance(60_000);
    expect(run.consumer.committed.at(-1)).toEqual([{ ...p0, offset: 2n }]);
    run.consumer.answerCommit(0);
    await settle();
    run.consumer.commitsHang = false;
    await run.stop();
    // The newer commit was never answered, so that its offset is committed again at the end.
    expect(run.consumer.committed.at(-1)).toEqual([{ ...p0, offset: 2n }]);
  });

  it('pauses all partitions with the connector and resumes only those the task has not paused', async () => {
    const run = start();
    run.consumer.assign([p0, p1]);
    await settle();
    run.context?.pause([p1]);
    run.task.setTargetState('PAUSED');
    await settle();
    expect(run.consumer.paused).toEqual(new Set(['0', '1']));
    run.task.setTargetState('STARTED');
    await settle();
    expect(run.consumer.paused).toEqual(new Set(['1']));
    await run.stop();
    expect(run.statuses).toEqual(['RUNNING', 'PAUSED', 'RUNNING', 'UNASSIGNED']);
  });

  it('fails the task on an errant record that may not be tolerated, even if put swallows it', async () => {
    const run = start({ swallowsErrants: true });
    run.consumer.deliver(p0, ['errant']);
    await run.task.done;
    expect(run.reported.map(({ stage, consumed }) => [stage, consumed?.record.offset])).toEqual([
      ['TASK_PUT', 0],
    ]);
    expect(run.statuses.at(-1)).toBe('FAILED');
    expect(run.consumer.committed).toEqual([]);
  });
});

function start(
  options: {
    putErrors?: (Error | null)[];
    preCommitErrors?: Error[];
    toleratesAll?: boolean;
    refusesReports?: boolean;
    commitsHang?: boolean;
    swallowsErrants?: boolean;
  } = {},
) {
  const clock = new FakeClock();
  const control = new TaskControl('STARTED');
  const consumer = new FakeConsumer(clock);
  consumer.commitsHang = options.commitsHang ?? false;
  const puts: string[][] = [];
  const calls: string[] = [];
  const statuses: ConnectorState[] = [];
  const topics: string[] = [];
  const reported: Failure[] = [];
  let trace = '';
  let context: SinkTaskContext | undefined;
  const task: SinkTask = {
    initialize(given) {
      context = given;
    },
    start: () => void calls.push('start'),
    stop: () => void calls.push('stop'),
    open: () => void calls.push('open'),
    close: () => void calls.push('close'),
    preCommit(offsets) {
      const error = options.preCommitErrors?.shift();
      if (error !== undefined) throw error;
      calls.push('preCommit');
      return offsets;
    },
    async put(records) {
      if (records.length === 0) return;
      puts.push(records.map(({ value }) => String(value)));
      const error = options.putErrors?.shift() ?? null;
      if (error !== null) throw error;
      for (const record of records) {
        if (record.value !== 'errant' || !options.swallowsErrants) continue;
        try {
          await context?.errantRecordReporter?.report(record, new DataError('errant'));
        } catch {
          // As a careless plugin would.
        }
      }
    },
  };
  const setStatus = (state: ConnectorState, text?: string): void => {
    statuses.push(state);
    trace = text ?? trace;
  };
  const logger = createLogger({ write: () => {} });
  const spine = createSinkSpine({
    taskName: 'c-0',
    task,
    consumer,
    configs: {},
    subscription: ['t'],
    conversion: createSinkConversion([], testConverters()),
    policy: { toleratesAll: options.toleratesAll ?? false, retryTimeoutMs: 0, retryMaxDelayMs: 0 },
    async report(failure) {
      reported.push(failure);
      if (options.refusesReports) throw new Error('dead letter queue refused');
    },
    serialize() {
      throw new Error('no record is made by the task');
    },
    clock,
    logger,
    control,
    commitIntervalMs: 60_000,
    commitTimeoutMs: 5000,
    prepare: async () => {},
    setStatus,
    topicUsed: (topic) => topics.push(topic),
    enter: (_label, call) => call(),
    closeStages: async () => {},
  });
  const running = runTask({
    spine,
    control,
    version: null,
    taskName: 'c-0',
    clock,
    logger,
    setStatus,
    formatTrace,
  });
  return {
    clock,
    consumer,
    puts,
    calls,
    statuses,
    topics,
    reported,
    task: running,
    stop: () => running.stop(5000),
    get context() {
      return context;
    },
    get trace() {
      return trace;
    },
  };
}

function testConverters(): Converters {
  const converter = {
    configure() {},
    fromConnectData: () => null,
    toConnectData(_topic: string, bytes: Uint8Array | null) {
      const value = bytes === null ? null : Buffer.from(bytes).toString();
      if (value === 'bad') throw new DataError('bad value');
      return { schema: null, value };
    },
  };
  const header = {
    configure() {},
    fromConnectHeader: () => null,
    toConnectHeader: () => ({ schema: null, value: null }),
  };
  return {
    key: { plugin: converter, className: 'Key' },
    value: { plugin: converter, className: 'Value' },
    header: { plugin: header, className: 'Header' },
  };
}

/** One topic `t`, partition 0 assigned from the first poll on. */
class FakeConsumer implements Consumer {
  readonly committed: TopicPartitionOffset[][] = [];
  readonly seeks: TopicPartitionOffset[] = [];
  readonly paused = new Set<string>();
  assignment: TopicPartition[] = [];
  readonly groupMetadata = { groupId: 'g', generation: 1, memberId: 'm', groupInstanceId: null };
  commitsHang = false;
  readonly #clock: FakeClock;
  readonly #answers: (() => void)[] = [];
  #listener: RebalanceListener | null = null;
  #rebalances: (() => Promise<void>)[] = [];
  #queue: ConsumedRecords[] = [];
  readonly #ends = new Map<number, number>();
  #wake = new AbortController();

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.assign([p0]);
  }

  assign(partitions: TopicPartition[]): void {
    this.#rebalances.push(async () => {
      const isNew = (each: TopicPartition) =>
        !this.assignment.some(({ partition }) => partition === each.partition);
      const added = partitions.filter(isNew);
      this.assignment = [...this.assignment, ...added];
      await this.#listener?.onAssigned(added);
    });
    this.wakeup();
  }

  revoke(partitions: TopicPartition[]): void {
    this.#rebalances.push(async () => {
      await this.#listener?.onRevoked(partitions);
      this.assignment = this.assignment.filter((each) => !partitions.includes(each));
    });
    this.wakeup();
  }

  lose(partitions: TopicPartition[]): void {
    this.#rebalances.push(async () => {
      this.assignment = this.assignment.filter((each) => !partitions.includes(each));
      await this.#listener?.onLost(partitions);
    });
    this.wakeup();
  }

  deliver({ topic, partition }: TopicPartition, values: string[]): void {
    const base = this.#ends.get(partition) ?? 0;
    this.#ends.set(partition, base + values.length);
    this.#queue.push({
      topic,
      partition,
      timestampType: 'CreateTime',
      nextOffset: BigInt(base + values.length),
      records: values.map((value, i) => ({
        offset: base + i,
        timestamp: 1,
        key: null,
        value: Buffer.from(value),
        headers: [],
      })),
    });
    this.wakeup();
  }

  subscribe(_topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#listener = listener;
  }

  async poll(timeoutMs: number): Promise<readonly ConsumedRecords[]> {
    await this.#rebalance();
    let ready = this.#takeReady();
    if (ready.length === 0) {
      await this.#clock.sleep(timeoutMs, { signal: this.#wake.signal });
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      await this.#rebalance();
      ready = this.#takeReady();
    }
    return ready;
  }

  async #rebalance(): Promise<void> {
    for (const rebalance of this.#rebalances.splice(0)) await rebalance();
  }

  #takeReady(): ConsumedRecords[] {
    const isReady = ({ partition }: ConsumedRecords) => !this.paused.has(String(partition));
    const ready = this.#queue.filter(isReady);
    this.#queue = this.#queue.filter((each) => !isReady(each));
    return ready;
  }

  wakeup(): void {
    this.#wake.abort();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.paused.add(String(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.paused.delete(String(partition));
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.seeks.push({ ...partition, offset });
  }

  position(): bigint {
    return 0n;
  }

  async positions(): Promise<TopicPartitionOffset[]> {
    return this.assignment.map((each) => ({ ...each, offset: 0n }));
  }

  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    this.committed.push([...offsets]);
    if (!this.commitsHang) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answers.push(resolve);
    return promise;
  }

  answerCommit(index: number): void {
    this.#answers[index]?.();
  }

  async close(): Promise<void> {
    await this.#listener?.onRevoked(this.assignment);
  }
}
