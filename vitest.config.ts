import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Sources run unbuilt: every package resolves to its `src`.
const conditions = ['@tributary/source'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  ...shared,
  test: {
    // Integration tests wait more than they compute: two at a time also where there are two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{packages,connectors}/*/src/**/*.test.ts'],
          execArgv: ['--conditions=@tributary/source'],
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['{packages,connectors}/*/integration/**/*.test.ts', 'scripts/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          execArgv: ['--conditions=@tributary/source'],
        },
      },
    ],
  },
});
