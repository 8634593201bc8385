import type { Producer, ProducerRecord } from '@tributary/kafka';
import { DataError, SourceRecord } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../logging.ts';
import { createDeadLetterQueue, createDeadLetterTopic } from './dead-letter-queue.ts';
import { createLogReport, createReport } from './report-error.ts';
import { formatTrace, javaNameOf } from './trace.ts';
import type { Consumed, Failure } from './types.ts';

const consumed = {
  from: { topic: 't', partition: 0, timestampType: 'CreateTime' },
  record: {
    offset: 4,
    timestamp: 7,
    key: null,
    value: Buffer.from('ok'),
    headers: [{ key: 'own', value: Buffer.from('1') }],
  },
} as unknown as Consumed;

const failure: Failure = {
  stage: 'VALUE_CONVERTER',
  className: 'org.apache.kafka.connect.json.JsonConverter',
  error: new DataError('Converting byte[] to Kafka Connect data failed'),
  source: null,
  consumed,
};

function logLines() {
  const lines: string[] = [];
  return { lines, logger: createLogger({ write: (line) => lines.push(line) }) };
}

describe('the log report', () => {
  test('names task, stage and class, and what the record holds only when it may', async () => {
    const { lines, logger } = logLines();
    await createLogReport({ taskName: 'c-0', includesMessages: false, logger })(failure);
    expect(lines[0]).toContain(
      "Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class 'org.apache.kafka.connect.json.JsonConverter'.",
    );
    expect(lines[0]).not.toContain('consumed record');
  });

  test('shows where a consumed record came from', async () => {
    const { lines, logger } = logLines();
    await createLogReport({ taskName: 'c-0', includesMessages: true, logger })(failure);
    expect(lines[0]).toContain(
      ", where consumed record is {topic='t', partition=0, offset=4, timestamp=7, timestampType=CreateTime}.",
    );
  });

  test('shows a source record', async () => {
    const { lines, logger } = logLines();
    const source = new SourceRecord({}, {}, 't', null, null, null, null, 'v', null);
    const report = createLogReport({ taskName: 'c-0', includesMessages: true, logger });
    await report({ ...failure, source, consumed: null });
    expect(lines[0]).toContain(', where source record is = SourceRecord{');
  });
});

describe('createReport', () => {
  test('is null without reporters', () => {
    expect(createReport([])).toBeNull();
  });

  test('rejects with the report that failed, when the others are done', async () => {
    const told: string[] = [];
    const report = createReport([
      async () => {
        throw new Error('disk full');
      },
      async ({ stage }) => void told.push(stage),
    ]);
    await expect(report?.(failure)).rejects.toThrow('disk full');
    expect(told).toEqual(['VALUE_CONVERTER']);
  });
});

describe('the dead letter queue', () => {
  /** The headers that a Java worker writes, in their order. */
  const recorded = [
    ['__connect.errors.topic', 't'],
    ['__connect.errors.partition', '0'],
    ['__connect.errors.offset', '4'],
    ['__connect.errors.connector.name', 'c'],
    ['__connect.errors.task.id', '0'],
    ['__connect.errors.stage', 'VALUE_CONVERTER'],
    ['__connect.errors.class.name', 'org.apache.kafka.connect.json.JsonConverter'],
    ['__connect.errors.exception.class.name', 'org.apache.kafka.connect.errors.DataException'],
    ['__connect.errors.exception.message', 'Converting byte[] to Kafka Connect data failed'],
  ];

  test('gets the consumed bytes, and with context headers why they failed', async () => {
    const { report, sent } = queue();
    await report(failure);
    expect(sent[0]).toMatchObject({ topic: 'dead', partition: null, timestamp: 7, key: null });
    expect(sent[0]?.value).toBe(consumed.record.value);
    const headers = sent[0]?.headers.map(({ key, value }) => [key, value?.toString()]) ?? [];
    expect(headers[0]).toEqual(['own', '1']);
    expect(headers.slice(1, -1)).toEqual(recorded);
    expect(headers.at(-1)?.[0]).toBe('__connect.errors.exception.stacktrace');
    expect(headers.at(-1)?.[1]).toMatch(/^org\.apache\.kafka\.connect\.errors\.DataException: /);
  });

  test('without context headers gets the record as it was', async () => {
    const { report, sent } = queue({ hasContextHeaders: false });
    await report(failure);
    expect(sent[0]?.headers).toBe(consumed.record.headers);
  });

  test('resolves only when Kafka has it', async () => {
    const { report, acknowledge } = queue({ isAutomatic: false });
    let isDone = false;
    const reported = report(failure).then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    acknowledge();
    await reported;
  });

  test('waits for room in the producer', async () => {
    const { report, sent, waits } = queue({ room: [0, 0, 1] });
    await report(failure);
    expect(sent).toHaveLength(1);
    expect(waits()).toBe(2);
  });

  test('rejects when Kafka refuses the record', async () => {
    const { report } = queue({ refusal: new Error('too large') });
    await expect(report(failure)).rejects.toMatchObject({
      code: 'TRB_DEAD_LETTER_QUEUE',
      message: 'Could not produce message to dead letter queue. topic=dead',
    });
  });

  test('gets nothing of a source', async () => {
    const { report, sent } = queue();
    await report({ ...failure, consumed: null });
    expect(sent).toEqual([]);
  });

  test('its topic is made with one partition, unless it is there', async () => {
    const made: unknown[] = [];
    const admin = (existing: string[]) =>
      ({
        describeTopics: async () => new Map(existing.map((topic) => [topic, { partitions: 1 }])),
        createTopic: async (topic: unknown) => made.push(topic),
      }) as never;
    const { signal } = new AbortController();
    await createDeadLetterTopic(admin(['dead']), 'dead', 3, signal);
    await createDeadLetterTopic(admin([]), 'dead', 3, signal);
    expect(made).toEqual([{ topic: 'dead', partitions: 1, replicationFactor: 3 }]);
    await expect(createDeadLetterTopic({} as never, 'dead', 3, signal)).rejects.toThrow(
      'Could not initialize dead letter queue with topic=dead',
    );
  });

  /** `room`: what each `send` takes. */
  function queue(
    facts: {
      hasContextHeaders?: boolean;
      isAutomatic?: boolean;
      room?: number[];
      refusal?: Error;
    } = {},
  ) {
    const { hasContextHeaders = true, isAutomatic = true, room = [], refusal } = facts;
    const sent: ProducerRecord[] = [];
    let acknowledge = (): void => {};
    let waited = 0;
    const producer = {
      send(records: ProducerRecord[], first: number, listener: Record<string, Function>) {
        if (room.shift() === 0) return 0;
        sent.push(records[first] as ProducerRecord);
        acknowledge = () => {
          if (refusal === undefined) listener['delivered']?.(0, 1, { topic: 'dead', partition: 0 });
          else listener['failed']?.(0, 1, { topic: 'dead', partition: 0 }, refusal);
        };
        if (isAutomatic) setImmediate(acknowledge);
        return 1;
      },
      async whenWritable() {
        waited += 1;
      },
    } as unknown as Producer;
    const report = createDeadLetterQueue({
      topic: 'dead',
      hasContextHeaders,
      connector: 'c',
      task: 0,
      producer,
      signal: new AbortController().signal,
      formatTrace,
      javaNameOf,
    });
    return { report, sent, acknowledge: () => acknowledge(), waits: () => waited };
  }
});
