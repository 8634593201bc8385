import type { DeliveryListener, Producer, ProducerRecord } from '@tributary/kafka';
import { KafkaError } from '@tributary/kafka';
import { DataError, RetriableError, SourceRecord, type SourceTask } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import type { ConnectorState } from '../herder/herder.ts';
import type { OffsetEntry } from '../hosts/messages.ts';
import { createLogger } from '../logging.ts';
import { createSourceConversion } from '../stages/convert.ts';
import { formatTrace } from '../stages/trace.ts';
import type { Converters, TolerancePolicy } from '../stages/types.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { runTask, type TaskRunHandle } from '../worker/run-task.ts';
import { TaskControl } from '../worker/task-control.ts';
import { createSourceSpine } from './worker-source-task.ts';

describe('the source spine', () => {
  it('stores the offsets of what is older before a bad record fails the task', async () => {
    const run = start({ batches: [records(0, 10, { badAt: 6 })] });
    await settle();
    expect(values(run.producer)).toEqual(['0', '1', '2', '3', '4', '5']);
    await run.task.done;
    expect(run.stored.get('f')).toBe(5);
    expect(run.statuses).toEqual(['RUNNING', 'FAILED']);
    expect(run.log.indexOf('stored 5')).toBeLessThan(run.log.indexOf('FAILED'));
    expect(run.trace).toMatch(
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler\n/,
    );
    expect(run.trace).toContain(
      'Caused by: org.apache.kafka.connect.errors.DataException: bad value',
    );
  });

  it('skips a bad record that is tolerated and goes on', async () => {
    const run = start({
      batches: [records(0, 10, { badAt: 6 })],
      policy: { toleratesAll: true, retryTimeoutMs: 0, retryMaxDelayMs: 60_000 },
    });
    await settle();
    expect(values(run.producer)).toEqual(['0', '1', '2', '3', '4', '5', '7', '8', '9']);
    expect((await run.stop()).isClean).toBe(true);
    expect(run.stored.get('f')).toBe(9);
    expect(run.statuses).toEqual(['RUNNING', 'UNASSIGNED']);
  });

  it('commits nothing that Kafka has not acknowledged', async () => {
    const run = start({ batches: [records(0, 5)], acknowledges: false });
    await settle();
    await run.clock.advance(60_000);
    expect(run.stored.size).toBe(0);
    run.producer.acknowledge(3);
    await run.clock.advance(60_000);
    expect(run.stored.get('f')).toBe(2);
    run.producer.acknowledge(2);
    await run.stop();
    expect(run.stored.get('f')).toBe(4);
  });

  it('keeps offsets that the store refused and stores them with the next commit', async () => {
    const run = start({ batches: [records(0, 3)], storeFailures: 1 });
    await settle();
    await run.clock.advance(60_000);
    expect(run.stored.size).toBe(0);
    await run.clock.advance(60_000);
    expect(run.stored.get('f')).toBe(2);
    await run.stop();
  });

  it('fails when Kafka refuses a record, with the offset in front of it', async () => {
    const run = start({ batches: [records(0, 5)], refuses: 3 });
    await run.task.done;
    expect(run.stored.get('f')).toBe(2);
    expect(run.statuses.at(-1)).toBe('FAILED');
    expect(run.trace).toMatch(
      /ConnectException: Unrecoverable exception from producer send callback/,
    );
  });

  it('does not poll while records of the last batch are unsent, and drops none of them', async () => {
    const run = start({ batches: [records(0, 5), records(5, 5)], room: 3 });
    await settle();
    expect(values(run.producer)).toEqual(['0', '1', '2']);
    expect(run.polls()).toBe(1);
    run.producer.makeRoom(100);
    await settle();
    expect(values(run.producer)).toHaveLength(10);
    await run.stop();
    expect(run.stored.get('f')).toBe(9);
  });

  it('commits nothing of what the producer had no room for when it stops', async () => {
    const run = start({ batches: [records(0, 5)], room: 3 });
    await settle();
    expect((await run.stop()).isClean).toBe(true);
    expect(run.stored.get('f')).toBe(2);
  });

  it('polls again after a retriable error', async () => {
    const run = start({ batches: [new RetriableError('later'), records(0, 1)] });
    await settle();
    expect(values(run.producer)).toEqual(['0']);
    await run.stop();
  });

  it('waits for resume before it starts, and pauses between polls', async () => {
    const run = start({ batches: [records(0, 1)], isPaused: true });
    await settle();
    expect(run.statuses).toEqual(['PAUSED']);
    expect(run.polls()).toBe(0);
    run.task.setTargetState('STARTED');
    await settle();
    run.task.setTargetState('PAUSED');
    await settle();
    run.task.setTargetState('STARTED');
    await settle();
    await run.stop();
    expect(run.statuses).toEqual(['PAUSED', 'RUNNING', 'PAUSED', 'RUNNING', 'UNASSIGNED']);
  });

  it('abandons a task that does not stop, and says nothing more of it', async () => {
    const run = start({ batches: ['hang'] });
    await settle();
    const stopped = run.task.stop(5000);
    await run.clock.advance(5000);
    expect((await stopped).isClean).toBe(false);
    await settle();
    expect(run.statuses).toEqual(['RUNNING']);
  });
});

type Batch = readonly SourceRecord[] | Error | 'hang';

function records(from: number, count: number, { badAt = -1 } = {}): SourceRecord[] {
  const partition = { file: 'f' };
  return Array.from({ length: count }, (_, i) => {
    const value = i === badAt ? 'bad' : String(from + i);
    return new SourceRecord(partition, { at: from + i }, 't', null, null, null, null, value);
  });
}

function values(producer: FakeProducer): string[] {
  return producer.sent.map(({ value }) => Buffer.from(value ?? []).toString());
}

function start(options: {
  batches: Batch[];
  policy?: TolerancePolicy;
  acknowledges?: boolean;
  storeFailures?: number;
  refuses?: number;
  room?: number;
  isPaused?: boolean;
}) {
  const clock = new FakeClock();
  const control = new TaskControl(options.isPaused ? 'PAUSED' : 'STARTED');
  const producer = new FakeProducer(options);
  const stored = new Map<string, unknown>();
  const statuses: ConnectorState[] = [];
  const log: string[] = [];
  let trace = '';
  let polls = 0;
  let storeFailures = options.storeFailures ?? 0;
  const task: SourceTask = {
    start() {},
    stop() {
      log.push('stop');
    },
    poll(signal) {
      const batch = options.batches[polls];
      polls += 1;
      if (batch instanceof Error) throw batch;
      if (Array.isArray(batch)) return batch;
      return new Promise((resolve) => {
        if (batch !== 'hang') signal.addEventListener('abort', () => resolve(null));
      });
    },
  };
  const setStatus = (state: ConnectorState, text?: string): void => {
    statuses.push(state);
    log.push(state);
    trace = text ?? trace;
  };
  const policy = options.policy ?? { toleratesAll: false, retryTimeoutMs: 0, retryMaxDelayMs: 0 };
  const logger = createLogger({ write: () => {} });
  const spine = createSourceSpine({
    taskName: 'c-0',
    task,
    conversion: createSourceConversion([], testConverters()),
    producer,
    topics: null,
    policy,
    report: null,
    clock,
    logger,
    taskContext: {
      configs: {},
      offsetStorageReader: { offset: async () => null, offsets: async () => [] },
    },
    control,
    offsets: {
      async write(entries: readonly OffsetEntry[]) {
        if (storeFailures > 0) {
          storeFailures -= 1;
          throw new Error('the store is down');
        }
        for (const { partition, offset } of entries) {
          stored.set(String(partition['file']), offset?.['at']);
          log.push(`stored ${String(offset?.['at'])}`);
        }
      },
    },
    commitIntervalMs: 60_000,
    commitTimeoutMs: 5000,
    setStatus,
    topicUsed() {},
    enter: (_label, call) => call(),
    closeStages: async () => {},
  });
  const running: TaskRunHandle = runTask({
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
    producer,
    stored,
    statuses,
    log,
    task: running,
    polls: () => polls,
    stop: () => running.stop(5000),
    get trace() {
      return trace;
    },
  };
}

function testConverters(): Converters {
  const converter = {
    configure() {},
    fromConnectData(_topic: string, _schema: unknown, value: unknown) {
      if (value === 'bad') throw new DataError('bad value');
      return value === null ? null : Buffer.from(value as string);
    },
    toConnectData: () => ({ schema: null, value: null }),
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

class FakeProducer implements Producer {
  readonly sent: ProducerRecord[] = [];
  readonly #acknowledges: boolean;
  readonly #refuses: number;
  #room: number;
  #waiting = Promise.withResolvers<void>();
  readonly #unacknowledged: (() => void)[] = [];

  constructor(options: { acknowledges?: boolean; refuses?: number; room?: number }) {
    this.#acknowledges = options.acknowledges ?? true;
    this.#refuses = options.refuses ?? -1;
    this.#room = options.room ?? 1_000_000;
  }

  send(offered: readonly ProducerRecord[], first: number, listener: DeliveryListener): number {
    const count = Math.min(offered.length - first, this.#room);
    this.#room -= count;
    for (let i = first; i < first + count; i += 1) {
      const index = this.sent.push(offered[i] as ProducerRecord) - 1;
      const target = { topic: 't', partition: 0 };
      this.#unacknowledged.push(() => {
        if (index === this.#refuses) listener.failed(i, 1, target, refusal);
        else listener.delivered(i, 1, target, BigInt(index), -1);
      });
    }
    if (this.#acknowledges) queueMicrotask(() => this.acknowledge(this.#unacknowledged.length));
    return count;
  }

  acknowledge(count: number): void {
    for (const tell of this.#unacknowledged.splice(0, count)) tell();
  }

  makeRoom(count: number): void {
    this.#room += count;
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  whenWritable(signal?: AbortSignal): Promise<void> {
    const { promise, reject } = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => reject(signal.reason));
    return Promise.race([this.#waiting.promise, promise]);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

const refusal = new KafkaError('too large', {
  errorName: 'MESSAGE_TOO_LARGE',
  errorCode: 10,
  isRetriable: false,
});
