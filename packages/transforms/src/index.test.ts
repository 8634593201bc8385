import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as plugins from './index.ts';

it('lists every plugin that it exports in its manifest, and no other', () => {
  const manifest = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as {
    tributary: { plugins: { class: string; type: string; export: string }[] };
  };
  const listed = manifest.tributary.plugins.map((entry) => [entry.export, entry.class, entry.type]);
  const exported = Object.entries(plugins).map(([name, { className, type }]) => [
    name,
    className,
    type,
  ]);
  expect(listed.sort()).toEqual(exported.sort());
});
