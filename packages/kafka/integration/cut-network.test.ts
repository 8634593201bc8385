import {
  freePorts,
  missingForApacheKafka,
  requireOrSkip,
  startApacheKafka,
} from '@tributary/testkit';
import { it } from 'vitest';
import { sleep } from './numbers.ts';
import { playNumbers } from './numbers-story.ts';
import { startSilentProxy } from './silent-proxy.ts';

/** `TRIBUTARY_SOAK=60000` for longer. */
const durationMs = Number(process.env['TRIBUTARY_SOAK'] ?? 30_000);
/** Longer than a request may take and a session lasts. */
const cutMs = 8000;

const cuts = [
  { requests: false, answers: true },
  { requests: true, answers: true },
  { requests: true, answers: false },
];

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

it.runIf(isAvailable)(
  'a network that loses requests, answers or both without a word: nothing lost, nothing twice, order kept, transactions whole',
  async () => {
    let brokerPort = 0;
    await using proxy = await startSilentProxy(() => brokerPort);
    // The broker speaks to itself, too, and that is not to be lost.
    const [internalPort = 0] = await freePorts(1);
    await using kafka = await startApacheKafka({
      listeners: `INTERNAL://127.0.0.1:${internalPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port},INTERNAL://127.0.0.1:${internalPort}`,
      'inter.broker.listener.name': 'INTERNAL',
      'listener.security.protocol.map':
        'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT',
    });
    brokerPort = Number(kafka.bootstrapServers.split(':')[1]);
    const config = {
      'bootstrap.servers': `127.0.0.1:${proxy.port}`,
      'request.timeout.ms': '3000',
      'socket.connection.setup.timeout.ms': '3000',
    };
    let count = 0;
    const written = await playNumbers(
      {
        config,
        bootstrapServers: `127.0.0.1:${internalPort}`,
        replicationFactor: 1,
        durationMs,
      },
      async () => {
        for (const endMs = Date.now() + durationMs; Date.now() < endMs; count++) {
          await sleep(3000);
          proxy.drop(cuts[count % cuts.length] ?? { requests: true, answers: true });
          await sleep(cutMs);
          proxy.drop({ requests: false, answers: false });
        }
      },
    );
    process.stdout.write(`cut ${count} times, records ${JSON.stringify(written)}\n`);
  },
  600_000,
);
