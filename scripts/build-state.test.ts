import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBuildFresh, markBuilt } from './build-state.mjs';

const builtMs = Date.UTC(2026, 0, 1);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-build-'));
  write('package-lock.json');
  write('packages/cli/package.json');
  write('packages/cli/src/deep/main.ts');
  write('packages/cli/src/deep/main.test.ts');
  write('connectors/file/src/index.ts');
  mkdirSync(join(folder, 'packages/cli/dist'));
  for (const path of ['connectors/file/src', 'packages/cli/src', 'packages/cli/src/deep'])
    age(path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is not fresh before the first build', () => {
  expect(isBuildFresh(folder)).toBe(false);
});

test('is fresh while no source is newer', () => {
  markBuilt(builtMs, folder);
  expect(isBuildFresh(folder)).toBe(true);
});

test.each([
  'packages/cli/src/deep/main.ts',
  'connectors/file/src/index.ts',
  'packages/cli/package.json',
  'package-lock.json',
])('is stale when %s changes', (path) => {
  markBuilt(builtMs, folder);
  age(path, builtMs + 1000);
  expect(isBuildFresh(folder)).toBe(false);
});

test('is stale when a source is removed', () => {
  markBuilt(builtMs, folder);
  rmSync(join(folder, 'packages/cli/src/deep/main.ts'));
  expect(isBuildFresh(folder)).toBe(false);
});

test('stays fresh when only a test changes', () => {
  markBuilt(builtMs, folder);
  age('packages/cli/src/deep/main.test.ts', builtMs + 1000);
  expect(isBuildFresh(folder)).toBe(true);
});

function write(path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), '');
  age(path);
}

function age(path: string, ms = builtMs - 1000): void {
  utimesSync(join(folder, path), ms / 1000, ms / 1000);
}
