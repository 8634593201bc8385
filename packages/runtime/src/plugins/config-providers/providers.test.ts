import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../logging.ts';
import { createConfigProvider } from '../config-provider.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'providers-'));
});

afterEach(() => rm(folder, { recursive: true }));

function create(className: string, params: Record<string, string> = {}) {
  const logger = createLogger({ write: () => {} });
  const provider = createConfigProvider(className, { params, environment: {}, logger });
  if (provider === null) throw new Error(`no provider ${className}`);
  return provider;
}

describe('FileConfigProvider', () => {
  test('reads UTF-8, unlike worker files', async () => {
    await writeFile(join(folder, 'a'), 'pass=grüße \\u0041\n');
    expect(await create('File').get(join(folder, 'a'), ['pass'])).toEqual({
      data: { pass: 'grüße A' },
      ttlMs: null,
    });
  });

  test('reads again each time, and says for how long a value counts', async () => {
    const provider = create('File', { 'ttl.ms': '5000' });
    const file = join(folder, 'a');
    await writeFile(file, 'k=1');
    expect(await provider.get(file, ['k'])).toEqual({ data: { k: '1' }, ttlMs: 5000 });
    await writeFile(file, 'k=2');
    expect((await provider.get(file, ['k'])).data).toEqual({ k: '2' });
  });

  test.each([
    ['a folder', () => mkdir(join(folder, 'x'))],
    ['a device that never ends', () => symlink('/dev/zero', join(folder, 'x'))],
    [
      'far too large',
      async () => {
        await writeFile(join(folder, 'x'), '');
        await truncate(join(folder, 'x'), 9 * 1024 * 1024);
      },
    ],
    ['no UTF-8', () => writeFile(join(folder, 'x'), Buffer.from([0x6b, 0x3d, 0xff]))],
  ])('refuses what is %s', async (_, make) => {
    await make();
    const path = join(folder, 'x');
    await expect(create('File').get(path, ['k'])).rejects.toThrow(
      `Could not read properties from file ${path}`,
    );
  });

  test('follows links, as secrets are often mounted', async () => {
    await writeFile(join(folder, 'real'), 'k=v');
    await symlink(join(folder, 'real'), join(folder, 'link'));
    expect((await create('File').get(join(folder, 'link'), ['k'])).data).toEqual({ k: 'v' });
  });

  test('a folder whose name merely begins alike is not allowed', async () => {
    await mkdir(join(folder, 'secrets'));
    await mkdir(join(folder, 'secrets-old'));
    await writeFile(join(folder, 'secrets-old/a'), 'k=v');
    const provider = create('File', { 'allowed.paths': join(folder, 'secrets') });
    expect((await provider.get(join(folder, 'secrets-old/a'), ['k'])).data).toEqual({});
  });
});

test('DirectoryConfigProvider reads only the files that are asked for', async () => {
  await writeFile(join(folder, 'wanted'), 'w');
  await writeFile(join(folder, 'broken'), Buffer.from([0xff]));
  const provider = create('Directory');
  expect((await provider.get(folder, ['wanted', 'missing'])).data).toEqual({ wanted: 'w' });
  await expect(provider.get(folder, null)).rejects.toThrow('Could not read file');
});

test('EnvVarConfigProvider refuses a pattern that is none', () => {
  expect(() => create('EnvVar', { 'allowlist.pattern': '[' })).toThrow(
    /allowlist\.pattern.*Unclosed character class/,
  );
});
