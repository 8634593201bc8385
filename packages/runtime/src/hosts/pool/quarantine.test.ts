import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQuarantine } from './quarantine.ts';

const crash = { isKilledFromOutside: false };

test('two suspects start apart, and the second loss names the one that was alone', () => {
  const quarantine = createQuarantine({ maxGroups: 4, releaseMs: 1000, now: () => 0 });
  expect(quarantine.judge(['a', 'b'], crash)).toBe(null);
  expect(quarantine.groupOf('a')).not.toBe(quarantine.groupOf('b'));
  expect(quarantine.judge(['b'], crash)).toBe('b');
  expect(quarantine.groupOf('b')).toBe(null);
});

test('a run that was alone gets a second chance, after kills from outside more', () => {
  const quarantine = createQuarantine({ maxGroups: 4, releaseMs: 1000, now: () => 0 });
  expect(quarantine.judge(['a'], crash)).toBe(null);
  expect(quarantine.judge(['a'], crash)).toBe('a');
  const killed = { isKilledFromOutside: true };
  for (let kill = 1; kill < 10; kill++) expect(quarantine.judge(['a'], killed)).toBe(null);
  expect(quarantine.judge(['a'], killed)).toBe('a');
});

test('a suspect that ran well is released', () => {
  let now = 0;
  const quarantine = createQuarantine({ maxGroups: 4, releaseMs: 1000, now: () => now });
  quarantine.judge(['a'], crash);
  now = 1001;
  expect(quarantine.groupOf('a')).toBe(null);
  expect(quarantine.judge(['a'], crash)).toBe(null);
});

test('of many suspects the guilty one is found, alone, in few losses', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.nat(),
      fc.integer({ min: 2, max: 6 }),
      (count, pick, maxGroups) => {
        const quarantine = createQuarantine({ maxGroups, releaseMs: 1000, now: () => 0 });
        const keys = Array.from({ length: count }, (_, index) => `run ${index}`);
        const guilty = keys[pick % count] ?? '';
        let named: string | null = null;
        let inLostHost = keys;
        let losses = 0;
        while (named === null) {
          named = quarantine.judge(inLostHost, crash);
          const group = quarantine.groupOf(guilty);
          inLostHost = keys.filter((key) => quarantine.groupOf(key) === group);
          losses++;
        }
        expect(named).toBe(guilty);
        expect(losses).toBeLessThanOrEqual(Math.ceil(Math.log(count) / Math.log(maxGroups)) + 2);
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});
