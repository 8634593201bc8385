import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPluginLoader } from './plugin-loader.ts';

const whole = `
  className: 'test.Plain', taskClassName: 'test.PlainTask', type: 'source',
  config: { keys: [], groups: [], key: () => undefined },
  createConnector: () => ({}), createTask: () => ({}),`;

async function load(source: string) {
  const packageFolder = await mkdtemp(join(tmpdir(), 'tributary-plugin-'));
  try {
    await writeFile(join(packageFolder, 'package.json'), '{ "type": "module", "main": "main.js" }');
    await writeFile(join(packageFolder, 'main.js'), source);
    const descriptor = {
      className: 'test.Plain',
      version: null,
      packageFolder,
      exportName: 'Plain',
    };
    return await createPluginLoader([{ ...descriptor, type: 'source' }]).load(
      'test.Plain',
      'source',
    );
  } finally {
    await rm(packageFolder, { recursive: true });
  }
}

test('loads the export that the manifest names', async () => {
  const definition = await load(`export const Plain = {${whole}};`);
  expect(definition?.taskClassName).toBe('test.PlainTask');
});

test.each([
  [
    '',
    'its export "Plain" is no definition of a source of that class; correct "tributary.plugins"',
  ],
  [
    `export const Plain = {${whole} type: 'sink' };`,
    'its export "Plain" is no definition of a source of that class',
  ],
  [
    `export const Plain = {${whole} createTask: undefined, config: { keys: [] } };`,
    'its export "Plain" has no createTask, no config (made with defineConfig)',
  ],
  ['export const Plain = missing;', 'missing is not defined'],
])('refuses a module %j with what is wrong', async (source, problem) => {
  await expect(load(source)).rejects.toMatchObject({
    code: 'TRB_PLUGIN_LOAD',
    message: expect.stringContaining(problem),
  });
});
