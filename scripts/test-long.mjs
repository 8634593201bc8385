// `npm run test:long`: the stories of faults, with more seeds and for longer than `npm test` has time for. Takes vitest's options.
process.env.TRIBUTARY_SEEDS ??= '200';
process.env.TRIBUTARY_SOAK ??= '60000';
const stories = ['random-faults', 'leader-kill', 'frozen-brokers', 'cut-network'];
process.argv.push(
  '--project=integration',
  ...stories.map((story) => `packages/kafka/integration/${story}.test.ts`),
);
await import('./test.mjs');
