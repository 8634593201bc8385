import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorByCode, errorCodes, errors } from './error-codes.ts';

const golden: { cases: [number, string, boolean, boolean][] } = JSON.parse(
  readFileSync(new URL('golden/error-codes.json', import.meta.url), 'utf8'),
);

test('codes, names and kinds are those of Apache Kafka', () => {
  const ours = errors.map(({ code, name, isRetriable, isMetadataStale }) => {
    return [code, name, isRetriable, isMetadataStale];
  });
  expect(ours).toEqual(golden.cases);
});

test('every error has one line of its own', () => {
  expect(new Set(errors.map((error) => error.description)).size).toBe(errors.length);
  for (const { description } of errors) expect(description).toMatch(/^[A-Z][^\n]*\.$/);
});

test('a code from the future keeps its number', () => {
  expect(errorByCode(errorCodes.NOT_COORDINATOR).name).toBe('NOT_COORDINATOR');
  expect(errorByCode(4711)).toMatchObject({ code: 4711, isRetriable: false });
});
