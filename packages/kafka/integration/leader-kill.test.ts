import { missingForApacheKafka, requireOrSkip, startKafkaCluster } from '@tributary/testkit';
import { expect, it } from 'vitest';
import { sleep } from './numbers.ts';
import { playNumbers } from './numbers-story.ts';

/** `TRIBUTARY_SOAK=60000` for longer. */
const durationMs = Number(process.env['TRIBUTARY_SOAK'] ?? 20_000);

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

it.runIf(isAvailable)(
  'brokers killed in turn, leaders and coordinators: nothing lost, nothing twice, order kept, transactions whole',
  async () => {
    await using cluster = await startKafkaCluster(3);
    const config = {
      'bootstrap.servers': cluster.bootstrapServers,
      'request.timeout.ms': '10000',
    };
    let kills = 0;
    const written = await playNumbers(
      { config, bootstrapServers: cluster.bootstrapServers, replicationFactor: 3, durationMs },
      async () => {
        // Each of them leads some partition, and whoever coordinates is among them.
        for (const endMs = Date.now() + durationMs; kills < 3 || Date.now() < endMs; kills++) {
          const id = cluster.ids[kills % cluster.ids.length] ?? 1;
          await sleep(3000);
          await cluster.kill(id);
          await sleep(2000);
          await cluster.start(id);
        }
      },
    );
    process.stdout.write(`${kills} brokers killed, records ${JSON.stringify(written)}\n`);
    expect(kills).toBeGreaterThanOrEqual(3);
  },
  600_000,
);
