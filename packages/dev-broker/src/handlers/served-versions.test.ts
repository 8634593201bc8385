import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { handlers } from './index.ts';

it('serves what docs/dev-broker.md says, API by API and version by version', () => {
  const page = readFileSync(new URL('../../../../docs/dev-broker.md', import.meta.url), 'utf8');
  const [, table = ''] = /## What is served\n([^]*?)\n## /.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| ([A-Z]\w+) +\| (\d[\d-]*) +\|/gm)];
  const served = [...handlers.values()].map(({ api, minVersion, maxVersion }) => {
    return [api.name, minVersion === maxVersion ? `${minVersion}` : `${minVersion}-${maxVersion}`];
  });
  expect(rows.map(([, name, versions]) => [name, versions]).sort()).toEqual(served.sort());
});
