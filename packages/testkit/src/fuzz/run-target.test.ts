import { describe, expect, it } from 'vitest';
import { type FuzzTarget, PropertyError } from './fuzz-target.ts';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

describe('inputs near the corpus', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    'break nothing: %s',
    (_name, target) => {
      const { inputs, findings } = runTarget(target, { seed: 1, maxInputs: 600 });
      expect(findings).toEqual([]);
      expect(inputs).toBe(600);
    },
    // About 2 s of CPU for all definitions; more by the clock where others share the cores.
    30_000,
  );
});

describe('runTarget', () => {
  const [parse] = targets.filter((target) => target.name === 'values-parse') as [FuzzTarget];

  it('finds an undocumented error and shortens its input', () => {
    const broken: FuzzTarget = {
      ...parse,
      run(input) {
        if (/\[.*\{/s.test(input)) throw new PropertyError('A map in a list');
        return input.slice(0, 2);
      },
    };
    const { findings } = runTarget(broken, { seed: 2, maxInputs: 10_000 });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'error', input: '[{' });
  });

  it('finds an input that takes too long', () => {
    const slow: FuzzTarget = {
      ...parse,
      run(input) {
        const end = busyMillis() + (input === 'null' ? 120 : 0);
        while (busyMillis() < end);
        return '';
      },
    };
    const { findings } = runTarget(slow, { seed: 3, maxInputs: 0 });
    expect(findings).toMatchObject([{ kind: 'slow', input: 'null' }]);
  }, 60_000);

  it('tries the same inputs for the same seed', () => {
    const inputsOf = (): string[] => {
      const inputs: string[] = [];
      runTarget(parse, { seed: 4, maxInputs: 500, onInput: (input) => inputs.push(input) });
      return inputs;
    };
    expect(inputsOf()).toEqual(inputsOf());
  });
});

function busyMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
