import { ConnectError, type ConnectRecord, type PredicatePlugin } from '@tributary/sdk';
import { recordSnapshot, records } from '@tributary/testkit/arbitraries';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as exported from './index.ts';
import { samples, transformations } from './testing/samples.ts';

const predicateConfigs: Readonly<Record<string, Record<string, string>>> = {
  HasHeaderKey: { name: 'h' },
  RecordIsTombstone: {},
  TopicNameMatches: { pattern: 'o.*' },
};
const predicates = Object.values<{ type: string }>(exported).filter(
  (plugin): plugin is PredicatePlugin => plugin.type === 'predicate',
);
const names = fc.constantFrom('a', 'b', 'c', 'd');

it('is tried for every transformation and predicate', () => {
  const tried = new Set(samples.map(({ className }) => className));
  expect(transformations.filter(({ className }) => !tried.has(className))).toEqual([]);
  const simpleNames = predicates.map(({ className }) => className.split('.').at(-1));
  expect(simpleNames.toSorted()).toEqual(Object.keys(predicateConfigs));
});

describe('a transformation never changes its input', () => {
  it.each(samples)(
    '$className $config',
    ({ plugin, config }) => {
      const transformation = plugin.create();
      transformation.configure(config);
      let results = 0;
      const apply = (record: ConnectRecord): void => {
        const result = transformation.apply(record);
        if (result !== null) results += 1;
        if (result !== record) result?.headers.addString('added', 'later');
      };
      requireUnchanged(apply);
      // Otherwise nothing was tried.
      if (!plugin.className.endsWith('.transforms.Filter')) expect(results).toBeGreaterThan(5);
    },
    60_000,
  );
});

describe('a predicate never changes its input', () => {
  it.each(predicates)(
    '$className',
    (plugin) => {
      const predicate = plugin.create();
      predicate.configure(predicateConfigs[plugin.className.split('.').at(-1) ?? ''] ?? {});
      requireUnchanged((record) => {
        predicate.test(record);
      });
    },
    60_000,
  );
});

function requireUnchanged(action: (record: ConnectRecord) => void): void {
  fc.assert(
    fc.property(records(names), (record) => {
      const before = recordSnapshot(record);
      try {
        action(record);
      } catch (error) {
        // Records of any form come by; what does not fit is refused by name.
        if (!(error instanceof TypeError))
          expect(ConnectError.is(error) || 'javaName' in (error as Error)).toBe(true);
      }
      expect(recordSnapshot(record)).toBe(before);
    }),
    { numRuns: 300, seed: 5 },
  );
}
