import type { ExpectedError, VectorCase } from './vector-file.ts';

/** Null when the outcome is the recorded one, else what was expected and found. */
export function difference(
  vector: VectorCase,
  outcome: { result: unknown } | { error: unknown },
): { expected: string; found: string } | null {
  if (vector.error !== undefined) return errorDifference(vector.error, outcome);
  const expected = canonical(vector.expect ?? null);
  const found = 'error' in outcome ? errorText(outcome.error) : canonical(outcome.result ?? null);
  return expected === found ? null : { expected, found };
}

function errorDifference(
  expected: ExpectedError,
  outcome: { result: unknown } | { error: unknown },
): { expected: string; found: string } | null {
  const text = `${expected.class}: ${expected.message ?? '(any text)'}`;
  if (!('error' in outcome)) return { expected: text, found: canonical(outcome.result ?? null) };
  if (expected.message === undefined) return null;
  const found = errorText(outcome.error);
  const withoutIdentities = found.replace(/@[0-9a-f]+/g, '@*');
  return text === found || text === withoutIdentities ? null : { expected: text, found };
}

/** Simple name of the Java class that the error stands for, and its text. */
function errorText(error: unknown): string {
  const { javaName, name, message } = error as { javaName?: string; name: string; message: string };
  return `${javaName?.split(/[.$]/).at(-1) ?? name}: ${message}`;
}

/** JSON with sorted members; what does not count in a comparison is left out. */
export function canonical(json: unknown): string {
  return JSON.stringify(normalize(json));
}

function normalize(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(normalize);
  if (typeof json !== 'object' || json === null) return json;
  const members: [string, unknown][] = [];
  for (const [key, value] of Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const isNeutral = (key === 'optional' && value === false) || key === 'form';
    const isStructSchema = key === 'schema' && 'struct' in json;
    if (!isNeutral && !isStructSchema) members.push([key, normalizeMember(key, value)]);
  }
  return Object.fromEntries(members);
}

function normalizeMember(key: string, value: unknown): unknown {
  if (key === 'float32' && typeof value === 'number') return Math.fround(value);
  if (key === 'map' && Array.isArray(value)) return value.map((entry) => canonical(entry)).sort();
  return normalize(value);
}
