import { missingForApacheKafka, requireOrSkip, startKafkaCluster } from '@tributary/testkit';
import { it } from 'vitest';
import { sleep } from './numbers.ts';
import { playNumbers } from './numbers-story.ts';

/** `TRIBUTARY_SOAK=60000` for longer. */
const durationMs = Number(process.env['TRIBUTARY_SOAK'] ?? 30_000);
/** Longer than a request may take, a session lasts, and the controllers wait for a broker. */
const frozenMs = 11_000;

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

it.runIf(isAvailable)(
  'brokers that hang, then go on where they stood: nothing lost, nothing twice, order kept, transactions whole',
  async () => {
    await using cluster = await startKafkaCluster(3, { 'broker.session.timeout.ms': '6000' });
    const config = {
      'bootstrap.servers': cluster.bootstrapServers,
      'request.timeout.ms': '3000',
      'socket.connection.setup.timeout.ms': '3000',
    };
    let frozen = 0;
    const written = await playNumbers(
      { config, bootstrapServers: cluster.bootstrapServers, replicationFactor: 3, durationMs },
      async () => {
        for (const endMs = Date.now() + durationMs; Date.now() < endMs; frozen++) {
          const id = cluster.ids[frozen % cluster.ids.length] ?? 1;
          await sleep(3000);
          cluster.freeze(id);
          await sleep(frozenMs);
          cluster.thaw(id);
        }
      },
    );
    process.stdout.write(`${frozen} brokers frozen, records ${JSON.stringify(written)}\n`);
  },
  600_000,
);
