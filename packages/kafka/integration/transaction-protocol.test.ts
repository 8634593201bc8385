import { connect } from 'node:net';
import { type ByteStream, createTransactionalProducer, type KafkaError } from '@tributary/kafka';
import {
  type ApacheKafka,
  missingForApacheKafka,
  requireOrSkip,
  startApacheKafka,
} from '@tributary/testkit';
import { apis } from '@tributary/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTopic,
  outcome,
  readAll,
  record,
  sendAll,
  silent,
  transactionalProducerFor,
  until,
} from './brokers.ts';

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');
const committed = { 'isolation.level': 'read_committed' };
const nobody = { groupId: 'g', generation: -1, memberId: '', groupInstanceId: null };
const transactional = [
  'InitProducerId',
  'Produce',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn',
];

/** A connection that notes name and version of every request of transactions on its way out. */
function watched(seen: Set<string>): (address: { host: string; port: number }) => ByteStream {
  return (address) => {
    const socket = connect({ ...address, noDelay: true });
    const write = socket.write.bind(socket);
    let left = Buffer.alloc(0);
    socket.write = (chunk: Buffer, ...rest: never[]) => {
      left = Buffer.concat([left, chunk]);
      while (left.length >= 8 && left.length >= left.readInt32BE(0) + 4) {
        const name = apis.get(left.readInt16BE(4))?.name ?? '';
        if (transactional.includes(name)) seen.add(`${name} ${left.readInt16BE(6)}`);
        left = left.subarray(left.readInt32BE(0) + 4);
      }
      return write(chunk, ...rest);
    };
    return socket;
  };
}

describe.runIf(isAvailable)('on Apache Kafka with transaction.version 2', () => {
  let broker: ApacheKafka;
  beforeAll(async () => {
    broker = await startApacheKafka();
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());

  function setVersion(level: number, command: 'upgrade' | 'downgrade'): Promise<string> {
    return broker.tool('org.apache.kafka.tools.FeatureCommand', [
      '--bootstrap-server',
      broker.bootstrapServers,
      command,
      '--feature',
      `transaction.version=${level}`,
    ]);
  }

  async function transact(
    producer: ReturnType<typeof transactionalProducerFor>,
    topic: string,
    value: string,
    isAborted = false,
  ): Promise<void> {
    producer.beginTransaction();
    await sendAll(producer, [record(topic, value)], outcome());
    await producer.sendOffsets([{ topic, partition: 0, offset: 1n }], nobody);
    if (isAborted) {
      await producer.flush();
      await producer.abortTransaction();
    } else await producer.commitTransaction();
  }

  function producerOf(id: string, seen: Set<string>): ReturnType<typeof transactionalProducerFor> {
    const producer = createTransactionalProducer(
      {
        'bootstrap.servers': broker.bootstrapServers,
        'transactional.id': id,
        'linger.ms': '0',
        // So that versions are asked for again soon.
        'connections.max.idle.ms': '500',
        'metadata.max.age.ms': '500',
      },
      { logger: silent, connect: watched(seen) },
    );
    return Object.assign(producer, { [Symbol.asyncDispose]: () => producer.close(0) });
  }

  it('nothing is added by a request of its own', async () => {
    await createTopic(broker, 'second');
    const seen = new Set<string>();
    await using producer = producerOf('second', seen);
    await producer.initTransactions();
    seen.clear();
    for (const value of ['a', 'b', 'c', 'd']) {
      await transact(producer, 'second', value, value === 'b');
    }
    expect([...seen].toSorted()).toEqual(['EndTxn 5', 'Produce 12', 'TxnOffsetCommit 5']);
    expect(await readAll(broker, 'second', 3, committed)).toEqual(['a', 'c', 'd']);
  });

  it('a transaction in which nothing was sent ends without a word to the coordinator', async () => {
    const seen = new Set<string>();
    await using producer = producerOf('empty', seen);
    await producer.initTransactions();
    seen.clear();
    producer.beginTransaction();
    await producer.commitTransaction();
    producer.beginTransaction();
    await producer.abortTransaction();
    expect([...seen]).toEqual([]);
  });

  it('a failed transaction is ended by its abort alone, and the next is read', async () => {
    await createTopic(broker, 'failed', 1, { 'max.message.bytes': '1000' });
    const seen = new Set<string>();
    await using producer = producerOf('failed', seen);
    await producer.initTransactions();
    seen.clear();
    producer.beginTransaction();
    const failing = outcome();
    await sendAll(
      producer,
      [record('failed', 'small'), record('failed', 'x'.repeat(5000))],
      failing,
    );
    await expect(producer.commitTransaction()).rejects.toMatchObject({
      errorName: 'MESSAGE_TOO_LARGE',
    });
    await producer.abortTransaction();
    expect([...seen].toSorted()).toEqual(['EndTxn 5', 'Produce 12']);
    await transact(producer, 'failed', 'good');
    expect(await readAll(broker, 'failed', 1, committed)).toEqual(['good']);
  });

  it('an older incarnation is fenced whatever it does next', async () => {
    await createTopic(broker, 'fenced');
    for (const call of ['send', 'sendOffsets', 'commit', 'abort'] as const) {
      await using old = transactionalProducerFor(broker, 'fenced');
      await old.initTransactions();
      old.beginTransaction();
      await sendAll(old, [record('fenced', `old ${call}`)], outcome());
      await old.flush();
      await using young = transactionalProducerFor(broker, 'fenced');
      await young.initTransactions();
      const next = async (): Promise<KafkaError | undefined> => {
        if (call === 'send') {
          const listener = outcome();
          await sendAll(old, [record('fenced', 'zombie')], listener);
          await old.flush();
          return listener.errors[0];
        }
        if (call === 'sendOffsets') {
          await old.sendOffsets([{ topic: 'fenced', partition: 0, offset: 9n }], nobody);
        }
        if (call === 'abort') await old.abortTransaction();
        else await old.commitTransaction();
        return undefined;
      };
      const error = await next().catch((reason: KafkaError) => reason);
      expect(`${call}: ${error?.errorName}`).toMatch(/PRODUCER_FENCED|INVALID_PRODUCER_EPOCH/);
      await transact(young, 'fenced', `young ${call}`);
    }
    expect(await readAll(broker, 'fenced', 4, committed)).toEqual([
      'young send',
      'young sendOffsets',
      'young commit',
      'young abort',
    ]);
  });

  it('transactions go on through a crash of the broker, each read once and whole', async () => {
    await createTopic(broker, 'crash');
    await using producer = transactionalProducerFor(broker, 'crash', { 'batch.size': '200' });
    await producer.initTransactions();
    const expected: string[] = [];
    const all = (async () => {
      for (let round = 0; round < 80; round++) {
        const values = Array.from({ length: 20 }, (_, index) => `${round} ${index}`);
        producer.beginTransaction();
        await sendAll(
          producer,
          values.map((value) => record('crash', value)),
          outcome(),
        );
        if (round % 4 === 3) await producer.abortTransaction();
        else {
          await producer.commitTransaction();
          expected.push(...values);
        }
      }
    })();
    await until(() => expected.length > 200, 60_000);
    await broker.kill();
    await broker.start();
    await all;
    expect(await readAll(broker, 'crash', expected.length, committed)).toEqual(expected);
  });

  it('a producer goes over to the second protocol when its cluster does, and back', async () => {
    await createTopic(broker, 'over');
    await setVersion(1, 'downgrade');
    const seen = new Set<string>();
    await using producer = producerOf('over', seen);
    await producer.initTransactions();
    seen.clear();
    await transact(producer, 'over', 'first');
    expect([...seen].toSorted()).toEqual([
      'AddOffsetsToTxn 4',
      'AddPartitionsToTxn 3',
      'EndTxn 4',
      'Produce 11',
      'TxnOffsetCommit 4',
    ]);
    const expected = ['first'];
    const isSeenWithin = async (name: string): Promise<void> => {
      const deadline = Date.now() + 60_000;
      seen.clear();
      while (!seen.has(name)) {
        if (Date.now() > deadline) throw new Error(`no ${name} in ${[...seen]}`);
        // Idle connections close meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 700));
        await transact(producer, 'over', `${expected.length}`);
        expected.push(`${expected.length}`);
      }
    };
    await setVersion(2, 'upgrade');
    await isSeenWithin('EndTxn 5');
    await setVersion(1, 'downgrade');
    await isSeenWithin('EndTxn 4');
    await setVersion(2, 'upgrade');
    expect(await readAll(broker, 'over', expected.length, committed)).toEqual(expected);
  });
});
