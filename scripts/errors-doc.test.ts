import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@tributary/sdk';
import { expect, test } from 'vitest';
import { root } from './build-state.mjs';

const literal = /\bTRB_[A-Z]+(?:_[A-Z]+)*\b/g;

test('every code of an error stands in docs/errors.md, and every code there is thrown somewhere', () => {
  const inCode = new Set([...codesInSources(), ...codesOfClasses()]);
  expect(inCode.size).toBeGreaterThan(10);
  const documented = new Set(readFileSync(join(root, 'docs/errors.md'), 'utf8').match(literal));
  expect([...documented].sort()).toEqual([...inCode].sort());
});

function codesInSources(): string[] {
  const files = globSync('{packages,connectors}/*/src/**/*.ts', { cwd: root });
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => readFileSync(join(root, file), 'utf8').match(literal) ?? []);
}

/** A class without a closer code has one made of its name. */
function codesOfClasses(): string[] {
  return (
    Object.values<unknown>(sdk)
      .filter(isErrorClass)
      // Some take more than a message.
      .map((type) => (Reflect.construct(type, ['', '', 0]) as sdk.ConnectError).code)
  );
}

function isErrorClass(exported: unknown): exported is typeof sdk.ConnectError {
  if (typeof exported !== 'function') return false;
  return exported === sdk.ConnectError || exported.prototype instanceof sdk.ConnectError;
}
