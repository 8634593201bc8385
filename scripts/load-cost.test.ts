import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { measureLoad } from '../packages/kafka/bench/load-cost.ts';
import { root } from './build-state.mjs';
import { bundle } from './bundle.mjs';

const largestMiB = 8;
/** Ten times what is meant, since machines under test are busy. */
const longestMs = 400;

test('the Kafka client, bundled as it is published, loads in 8 MiB and without the parts of Node that it may never need', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-load-'));
  try {
    const client = join(folder, 'kafka.mjs');
    await bundle(join(root, 'packages/wire/src/index.ts'), join(folder, 'wire.mjs'));
    await bundle(join(root, 'packages/kafka/src/index.ts'), client, {
      '@tributary/wire': './wire.mjs',
    });
    const cost = await measureLoad(pathToFileURL(client).href, 7);
    expect(cost.residentMiB).toBeLessThan(largestMiB);
    expect(cost.heapMiB).toBeLessThan(largestMiB / 2);
    expect(cost.elapsedMs).toBeLessThan(longestMs);
    const needless = /^NativeModule (net|tls|crypto|zlib|stream|internal\/(fs|crypto|tls)\/.*)$/;
    expect(cost.builtins.filter((name) => needless.test(name))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
