import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './build-state.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-direction-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the packages of this repository import in one direction', { timeout: 60_000 }, () => {
  const { violations, modules } = cruise(root);
  expect(violations).toEqual([]);
  expect(modules).toBeGreaterThan(50);
});

test.each([
  ['direction-sdk', 'packages/sdk/src/a.ts', 'packages/wire/src/b.ts'],
  ['direction-kafka', 'packages/kafka/src/a.ts', 'packages/runtime/src/b.ts'],
  ['direction-runtime', 'packages/runtime/src/a.ts', 'packages/rest/src/b.ts'],
  ['direction-runtime', 'packages/runtime/src/a.ts', 'connectors/file/src/b.ts'],
  ['direction-rest', 'packages/rest/src/a.ts', 'packages/kafka/src/b.ts'],
  ['direction-dev-broker', 'packages/dev-broker/src/a.ts', 'packages/kafka/src/b.ts'],
  ['direction-connectors', 'connectors/file/src/a.ts', 'connectors/other/src/b.ts'],
  ['testkit-is-for-tests', 'packages/cli/src/a.ts', 'packages/testkit/src/b.ts'],
  ['steps-stay-apart', 'packages/runtime/src/source/poll.ts', 'packages/runtime/src/source/b.ts'],
  [
    'steps-stay-apart',
    'packages/runtime/src/sink/put.ts',
    'packages/runtime/src/sink/worker-sink-task.ts',
  ],
])('the check finds a breach of %s: %s imports %s', (rule, from, to) => {
  write(from, `import { b } from '${up(from)}${to}';\nexport const a = b;\n`);
  write(to, 'export const b = 1;\n');
  expect(cruise(folder).violations).toContain(`${rule}: ${from} -> ${to}`);
});

test('the check finds a cycle', () => {
  write('packages/sdk/src/a.ts', "import { b } from './b.ts';\nexport const a = () => b;\n");
  write('packages/sdk/src/b.ts', "import { a } from './a.ts';\nexport const b = () => a;\n");
  expect(cruise(folder).violations.join()).toContain('no-cycles');
});

test('the check lets the spine import its steps', () => {
  const spine = 'packages/runtime/src/source/worker-source-task.ts';
  write(spine, "import { b } from './poll.ts';\nexport const a = b;\n");
  write('packages/runtime/src/source/poll.ts', 'export const b = 1;\n');
  expect(cruise(folder).violations).toEqual([]);
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** From the folder of `path` to the top. */
function up(path: string): string {
  return '../'.repeat(path.split('/').length - 1);
}

function cruise(cwd: string): { violations: string[]; modules: number } {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const rules = join(root, '.dependency-cruiser.mjs');
  const folders = cwd === root ? ['packages', 'connectors'] : ['.'];
  const result = spawnSync(
    process.execPath,
    [cruiser, ...folders, '--config', rules, '--output-type', 'json'],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (result.stdout === '') throw new Error(result.stderr);
  const { summary } = JSON.parse(result.stdout) as {
    summary: {
      totalCruised: number;
      violations: { rule: { name: string }; from: string; to: string }[];
    };
  };
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}
