import { createLink } from '@tributary/runtime';
import { type ConnectRecord, OwnMap, type Predicate, type Transformation } from '@tributary/sdk';
import { mapRecords, recordSnapshot, records } from '@tributary/testkit/arbitraries';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { samples } from './testing/samples.ts';

type Create = () => Transformation;

const ours: Create[] = samples.map(({ plugin, config }) => () => {
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation;
});
/** Those that work on maps share most. */
const ofMaps = ours.filter((_, index) =>
  /Cast|Field|Flatten|Timestamp|HeaderFrom|Key/.test(samples[index]?.className ?? ''),
);
/** A stranger's: one map in two places, halves exchanged. */
const foreign: Create[] = [
  () => ({
    configure() {},
    apply: (record) => record.newRecord({ keySchema: record.valueSchema, key: record.value }),
  }),
  () => ({
    configure() {},
    apply: (record) => {
      const { keySchema, key, valueSchema, value } = record;
      const changes = { keySchema: valueSchema, key: value, valueSchema: keySchema, value: key };
      return record.newRecord(changes);
    },
  }),
];

const names = fc.constantFrom('a', 'b', 'c', 'd');
const chains = fc.array(
  fc.record({
    create: fc.constantFrom(...ours, ...ofMaps, ...ofMaps, ...ofMaps, ...foreign),
    hasPredicate: fc.boolean(),
  }),
  { minLength: 2, maxLength: 6 },
);
const batches = fc.array(fc.oneof({ arbitrary: mapRecords(names), weight: 5 }, records(names)), {
  minLength: 1,
  maxLength: 3,
});

it('a chain gives what its transformations give one by one, and changes no record that anyone else has', () => {
  let wholeChains = 0;
  fc.assert(
    fc.property(chains, batches, (steps, batch) => {
      const seen: { record: ConnectRecord; before: string }[] = [];
      const see = (record: ConnectRecord): void => {
        seen.push({ record, before: recordSnapshot(record) });
      };
      const own = new OwnMap();
      const links = steps.map(({ create, hasPredicate }, index) => {
        const place = { own, isFirst: index === 0 };
        const predicate = hasPredicate ? predicateThat(see) : null;
        return createLink('', watched(create(), see), predicate, false, place);
      });
      const alone = steps.map(({ create }) => create());
      for (const record of batch) {
        see(record);
        const expected = resultOf(alone, record, see);
        // A result is somebody's, too, and may come in again.
        const found = resultOf(links, record, see);
        expect(found.text).toBe(expected.text);
        if (found.record !== null) {
          wholeChains += 1;
          resultOf(links, found.record, see);
        }
      }
      for (const { record, before } of seen) expect(recordSnapshot(record)).toBe(before);
    }),
    { numRuns: 400, seed: 6 },
  );
  // Otherwise nothing was tried.
  expect(wholeChains).toBeGreaterThan(120);
}, 60_000);

function predicateThat(see: (record: ConnectRecord) => void): Predicate {
  return {
    configure() {},
    test(record) {
      see(record);
      return true;
    },
  };
}

function watched(step: Transformation, see: (record: ConnectRecord) => void): Transformation {
  if (step.applyInChain !== undefined) return step;
  return {
    configure() {},
    apply(record) {
      see(record);
      const result = step.apply(record);
      if (result !== null) see(result);
      return result;
    },
  };
}

/** Of a record that fails or is dropped on the way there is only a text. */
function resultOf(
  steps: readonly { apply(record: ConnectRecord): ConnectRecord | null }[],
  record: ConnectRecord,
  see: (record: ConnectRecord) => void,
): { text: string; record: ConnectRecord | null } {
  let current: ConnectRecord | null = record;
  try {
    for (const step of steps) {
      current = step.apply(current);
      if (current === null) return { text: 'dropped', record: null };
    }
  } catch (error) {
    return { text: String(error), record: null };
  }
  see(current);
  return { text: recordSnapshot(current), record: current };
}
