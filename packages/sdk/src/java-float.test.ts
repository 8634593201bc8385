import { expect, it } from 'vitest';
import { FLOAT32_SCHEMA, INT64_SCHEMA } from './schema.ts';
import { projectValue } from './schema-projector.ts';
import { parseString } from './values-convert.ts';

it.each([
  [9007199791611905n, 9007200328482816],
  [-9007199791611905n, -9007200328482816],
  [16777217n, 16777216],
])('projects %s to the nearest float', (value, expected) => {
  expect(projectValue(INT64_SCHEMA, value, FLOAT32_SCHEMA)).toBe(expected);
});

it.each([
  ['1.00000005960464477539062500001', 1 + 2 ** -23],
  ['1.000000059604644775390625', 1],
])('reads %s as the nearest float', (text, expected) => {
  expect(parseString(text)?.value).toBe(expected);
});
