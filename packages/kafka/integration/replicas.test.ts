import { connect, type Socket } from 'node:net';
import { createConsumer } from '@tributary/kafka';
import {
  type KafkaCluster,
  missingForApacheKafka,
  requireOrSkip,
  startKafkaCluster,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  sendAll,
  silent,
} from './brokers.ts';

// Three brokers of Apache Kafka, each in a rack of its own.

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');
const patienceMs = 90_000;
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

describe.runIf(isAvailable)('on three brokers', { timeout: 600_000 }, () => {
  it('notices the records that an unclean election lost, and reads from the replica in its rack', async () => {
    await using cluster = await startKafkaCluster(3, (id) => ({
      'broker.rack': `rack-${id}`,
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
      'min.insync.replicas': '1',
      'broker.session.timeout.ms': '6000',
    }));
    await readFromRack(cluster);
    await loseRecords(cluster);
  });
});

async function readFromRack(cluster: KafkaCluster): Promise<void> {
  await createOn(cluster, 'racks', [1, 2]);
  const padding = 'x'.repeat(1000);
  const values = numbers(0, 2000).map((value) => `${value} ${padding}`);
  await produce(cluster, 'racks', values);
  const [leaderPort = 0, followerPort = 0] = portsOf(cluster);
  const sockets: { readonly port: number; readonly socket: Socket }[] = [];
  const receivedFrom = (port: number): number =>
    sockets.reduce((sum, each) => sum + (each.port === port ? each.socket.bytesRead : 0), 0);
  const config = {
    'bootstrap.servers': cluster.bootstrapServers,
    'group.id': 'rack',
    'client.rack': 'rack-2',
    'auto.offset.reset': 'earliest',
  };
  const consumer = createConsumer(config, {
    logger: silent,
    connect: (address) => {
      const socket = connect(address);
      sockets.push({ port: address.port, socket });
      return socket;
    },
  });
  try {
    consumer.subscribe(['racks'], quiet);
    expect(await pollUntil(consumer, ({ length }) => length >= 2000, patienceMs)).toEqual(values);
    expect(receivedFrom(followerPort)).toBeGreaterThan(1_900_000);
    expect(receivedFrom(leaderPort)).toBeLessThan(500_000);
    await cluster.kill(2);
    await produce(cluster, 'racks', ['after']);
    expect(await pollUntil(consumer, ({ length }) => length > 0, patienceMs)).toEqual(['after']);
    await cluster.start(2);
  } finally {
    await consumer.close(5000);
  }
}

/** Broker 1 leads with broker 2 as its follower; what is written while 2 is away is lost when 2 leads without 1. */
async function loseRecords(cluster: KafkaCluster): Promise<void> {
  await createOn(cluster, 'lost', [1, 2], { 'unclean.leader.election.enable': 'true' });
  await produce(cluster, 'lost', numbers(0, 10));
  const common = { 'auto.offset.reset': 'latest', 'metadata.max.age.ms': '1000' };
  await using going = consumerFor(cluster, { ...common, 'group.id': 'going' });
  await using strict = consumerFor(cluster, {
    ...common,
    'group.id': 'strict',
    'auto.offset.reset': 'none',
  });
  await using admin = adminFor(cluster);
  const start = { topic: 'lost', partition: 0, offset: 0n };
  for (const groupId of ['going', 'strict']) await admin.alterGroupOffsets(groupId, [start]);
  for (const consumer of [going, strict]) {
    consumer.subscribe(['lost'], quiet);
    expect(await pollUntil(consumer, ({ length }) => length >= 10, patienceMs)).toHaveLength(10);
  }
  await cluster.kill(2);
  await produce(cluster, 'lost', numbers(10, 15));
  for (const consumer of [going, strict]) {
    expect(await pollUntil(consumer, ({ length }) => length >= 5, patienceMs)).toHaveLength(5);
  }
  await cluster.kill(1);
  await cluster.start(2);
  await produce(cluster, 'lost', ['new']);
  expect(await pollUntil(going, ({ length }) => length > 0, patienceMs)).toEqual(['new']);
  await expect(pollUntil(strict, ({ length }) => length > 0, patienceMs)).rejects.toMatchObject({
    errorName: 'LOG_TRUNCATION',
    message: expect.stringMatching(/partition 0 of topic "lost".*offset 15 .*offset 10,/),
  });
  strict.seek(start, 10n);
  expect(await pollUntil(strict, ({ length }) => length > 0, patienceMs)).toEqual(['new']);
}

async function createOn(
  cluster: KafkaCluster,
  topic: string,
  replicas: readonly number[],
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using admin = adminFor(cluster);
  await admin.createTopic({
    topic,
    partitions: -1,
    replicationFactor: -1,
    assignments: [replicas],
    configs,
  });
}

async function produce(
  cluster: KafkaCluster,
  topic: string,
  values: readonly string[],
): Promise<void> {
  await using producer = producerFor(cluster);
  const listener = outcome();
  await sendAll(
    producer,
    values.map((value) => record(topic, value)),
    listener,
  );
  await producer.flush();
  expect(listener.errors).toEqual([]);
}

function portsOf({ bootstrapServers }: KafkaCluster): number[] {
  return bootstrapServers.split(',').map((server) => Number(server.split(':')[1]));
}
