import { SourceRecord } from '@tributary/sdk';
import { expect, test } from 'vitest';
import { createLink } from './transformation-chain.ts';

const record = new SourceRecord({}, {}, 'old', null, null, null, null, null, null);

function link(options: {
  test?: boolean;
  isNegated?: boolean;
  closed?: string[];
  fails?: boolean;
}) {
  const { closed = [] } = options;
  return createLink<SourceRecord>(
    'Rename',
    {
      configure() {},
      apply: (each: SourceRecord) => each.newRecord({ topic: 'new' }),
      close() {
        closed.push('transformation');
        if (options.fails) throw new Error('cannot close');
      },
    } as never,
    options.test === undefined
      ? null
      : ({ test: () => options.test, close: () => closed.push('predicate') } as never),
    options.isNegated ?? false,
  );
}

test.each([
  [{}, 'new'],
  [{ test: true }, 'new'],
  [{ test: false }, 'old'],
  [{ test: true, isNegated: true }, 'old'],
  [{ test: false, isNegated: true }, 'new'],
])('applies to what its predicate lets through: %j', (options, topic) => {
  expect(link(options).apply(record)?.topic).toBe(topic);
});

test('a record that is left alone is the same object', () => {
  expect(link({ test: false }).apply(record)).toBe(record);
});

test('a transformation that answers nothing drops the record', () => {
  const dropping = { configure() {}, apply: () => undefined } as never;
  expect(createLink('Drop', dropping, null, false).apply(record)).toBeNull();
});

test('closes the predicate even if the transformation cannot be closed', async () => {
  const closed: string[] = [];
  await expect(link({ test: true, closed, fails: true }).close()).rejects.toThrow('cannot close');
  expect(closed).toEqual(['transformation', 'predicate']);
});

test.each([
  ['a promise', async (each: SourceRecord) => each],
  ['something that is no record', (each: SourceRecord) => ({ ...each })],
])('names a transformation that returns %s', (what, apply) => {
  const wrong = createLink<SourceRecord>('Wrong', { configure() {}, apply } as never, null, false);
  expect(() => wrong.apply(record)).toThrow(
    `Transformation Wrong returned ${what}: apply must return a record`,
  );
});
