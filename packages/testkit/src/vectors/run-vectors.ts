import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { difference } from './compare.ts';
import { findDefinition, writeDefinition } from './config-definition-kinds.ts';
import { kinds } from './kinds.ts';
import type { Adapter, VectorCase, VectorInput } from './vector-file.ts';

export interface VectorResult {
  passed: number;
  failed: number;
}

/**
 * Runs the recordings of every `*.json` file in the folders and their `configdef` folders, `only` those whose kind matches (`*` allowed).
 * Each difference is printed. A file that cannot be read, a kind that nobody runs and a folder without files are failures.
 */
export async function runVectors(
  folders: readonly string[],
  only: readonly string[],
  print: (line: string) => void,
): Promise<VectorResult> {
  const result: VectorResult = { passed: 0, failed: 0 };
  const fail = (line: string): void => {
    result.failed += 1;
    print(line);
  };
  for (const folder of folders) {
    const found = await listKinds(folder).catch((error: Error) => {
      fail(`${folder}: cannot be listed: ${error.message}`);
      return null;
    });
    if (found === null) continue;
    const wanted = found.filter(
      (kind) => only.length === 0 || only.some((one) => matches(one, kind)),
    );
    if (wanted.length === 0) fail(`${folder}: no vector files${only.length ? ` of ${only}` : ''}`);
    for (const kind of wanted) {
      await runFile(join(folder, `${kind}.json`), kind, result, fail);
    }
  }
  return result;
}

async function listKinds(folder: string): Promise<string[]> {
  const names = await readdir(folder, { withFileTypes: true });
  const files = names.filter((name) => name.isFile() && name.name.endsWith('.json'));
  const here = files.map((file) => file.name.slice(0, -'.json'.length));
  const hasDefinitions = names.some((name) => name.isDirectory() && name.name === 'configdef');
  const below = hasDefinitions ? await listKinds(join(folder, 'configdef')) : [];
  return [...here, ...below.map((kind) => `configdef/${kind}`)].sort();
}

async function runFile(
  path: string,
  kind: string,
  result: VectorResult,
  fail: (line: string) => void,
): Promise<void> {
  try {
    const content = JSON.parse(await readFile(path, 'utf8')) as VectorInput;
    const { cases, adapter } = kind.startsWith('configdef/')
      ? definitionCases(content)
      : { cases: content.cases as VectorCase[], adapter: kinds[kind] };
    if (adapter === undefined) return fail(`${path}: nothing runs the kind "${kind}"`);
    if (!Array.isArray(cases)) return fail(`${path}: has no cases`);
    for (const vector of cases) {
      const line = await runCase(path, vector, adapter);
      if (line === null) result.passed += 1;
      else fail(line);
    }
  } catch (error) {
    fail(`${path}: ${(error as Error).message}`);
  }
}

async function runCase(path: string, vector: VectorCase, adapter: Adapter): Promise<string | null> {
  const outcome = await attempt(adapter, vector.in);
  const found = difference(vector, outcome);
  if (found === null) return null;
  return `${path}: ${vector.name}\n  expected ${found.expected}\n  found    ${found.found}`;
}

async function attempt(
  adapter: Adapter,
  input: VectorInput,
): Promise<{ result: unknown } | { error: unknown }> {
  try {
    return { result: await adapter(input) };
  } catch (error) {
    return { error };
  }
}

/** Every key is a case, and so is the list of groups. */
function definitionCases(content: VectorInput): {
  cases: VectorCase[];
  adapter: Adapter | undefined;
} {
  const def = findDefinition(content.class);
  if (def === null) return { cases: [], adapter: undefined };
  const keys: VectorCase[] = content.keys.map((key: VectorInput) => ({
    name: key.definition.name,
    in: key,
    expect: key,
  }));
  const names = { name: 'keys in order', in: null, expect: keys.map((key) => key.name) };
  const groups = { name: 'groups', in: 'groups', expect: content.groups };
  const adapter: Adapter = (input) => {
    if (input === null) return def.keys.map((key) => key.name);
    return input === 'groups' ? def.groups : writeDefinition(def, input);
  };
  return { cases: [names, groups, ...keys], adapter };
}

function matches(pattern: string, kind: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(kind);
}
