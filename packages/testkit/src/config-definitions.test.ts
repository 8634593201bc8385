import * as converters from '@tributary/converters';
import { definitions } from '@tributary/runtime/definitions';
import {
  type ConfigDef,
  ConnectError,
  configValueJson,
  parseConfig,
  validateConfig,
} from '@tributary/sdk';
import * as transforms from '@tributary/transforms';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const plugins: readonly object[] = [...Object.values(transforms), ...Object.values(converters)];
const all: [name: string, def: ConfigDef][] = [
  ...Object.entries(definitions),
  ...plugins
    .filter((plugin): plugin is { className: string; config: ConfigDef } => 'config' in plugin)
    .map(({ className, config }): [string, ConfigDef] => [className, config]),
];
const values = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    ',',
    'a,a',
    'true',
    '0',
    '-1',
    '1e3',
    '9223372036854775808',
    'NaN',
    '(',
    '${a}',
    ':',
    'a:b:c',
    '__proto__',
  ),
  fc.string({ unit: 'binary' }),
  fc.constant(null),
);

it('knows the definitions of worker, connectors, clients and plugins', () => {
  expect(all.length).toBeGreaterThan(60);
});

it.each(all)(
  '%s answers every config key by key',
  (_name, def) => {
    const names = def.keys.map(({ name }) => name);
    const configs = fc.dictionary(fc.constantFrom(...names, 'unknown'), values, { maxKeys: 12 });
    fc.assert(
      fc.property(configs, (raw) => {
        const results = validateConfig(def, raw);
        expect(results.map(({ name }) => name).slice(0, names.length)).toEqual(names);
        for (const result of results) configValueJson(result, def.key(result.name));
        try {
          parseConfig(def, raw);
        } catch (error) {
          if (!ConnectError.is(error)) throw error;
        }
      }),
      { seed: 8, numRuns: 40 },
    );
  },
  60_000,
);
