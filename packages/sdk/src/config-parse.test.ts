import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  boolean,
  classRef,
  defineConfig,
  double,
  int,
  list,
  long,
  password,
  string,
} from './config-def.ts';
import { configKeyJson, configValueJson, parseConfig, validateConfig } from './config-parse.ts';
import { parseConfigType } from './config-type.ts';
import { Password } from './password.ts';
import { anyNonDuplicateValues } from './validators.ts';

const config = defineConfig(
  string('name', { importance: 'HIGH', doc: 'A name.' }),
  int('size', { default: 500, min: 1, doc: 'A size.', group: 'Sizes', order: 1 }),
  long('wait.ms', { default: 10, doc: 'A time.' }),
  boolean('quick', { default: false, doc: 'A switch.' }),
  list('parts', { default: [], doc: 'Names.', validator: anyNonDuplicateValues(true, false) }),
  password('secret', { default: null, doc: 'A secret.' }),
  string('mode', { default: 'none', oneOf: ['none', 'all'], doc: 'A choice.' }),
  classRef('plugin', { default: null, doc: 'A class.' }),
);

describe('parseConfig', () => {
  it('gives typed values', () => {
    const parsed = parseConfig(config, { name: ' x ', size: '7', parts: 'a, b' });
    expectTypeOf(parsed.name).toEqualTypeOf<string>();
    expectTypeOf(parsed.size).toEqualTypeOf<number>();
    expectTypeOf(parsed.mode).toEqualTypeOf<'none' | 'all'>();
    expectTypeOf(parsed.secret).toEqualTypeOf<Password | null>();
    expectTypeOf(parsed.parts).toEqualTypeOf<readonly string[]>();
    expect(parsed).toEqual({
      name: 'x',
      size: 7,
      'wait.ms': 10,
      quick: false,
      parts: ['a', 'b'],
      secret: null,
      mode: 'none',
      plugin: null,
    });
  });

  it('throws the first problem', () => {
    expect(() => parseConfig(config, { size: '0', name: 'x' })).toThrow(
      'Invalid value 0 for configuration size: Value must be at least 1',
    );
    expect(() => parseConfig(config, { size: '0' })).toThrow(
      'Missing required configuration "name" which has no default value.',
    );
  });

  it('asks the resolver for classes', () => {
    const resolveClass = (name: string): string | null => (name === 'Alias' ? 'a.b.Real' : null);
    const parse = (plugin: string): unknown =>
      parseConfig(config, { name: 'x', plugin }, { resolveClass }).plugin;
    expect(parse('Alias')).toBe('a.b.Real');
    expect(() => parse('Other')).toThrow('Class Other could not be found.');
  });

  it('drops doubled items where validation reports them', () => {
    const raw = { name: 'x', parts: 'a,b,a' };
    expect(parseConfig(config, raw).parts).toEqual(['a', 'b']);
    expect(validateConfig(config, raw).flatMap((value) => value.errors)).toEqual([
      "Configuration 'parts' values must not be duplicated.",
    ]);
  });

  it('is not misled by names of Object.prototype', () => {
    const odd = defineConfig(string('constructor', { default: 'd', doc: 'Odd.' }));
    expect(parseConfig(odd, {}).constructor).toBe('d');
  });
});

describe('validateConfig', () => {
  it('has an answer for every config', () => {
    const names = config.keys.map((key) => key.name);
    const raws = fc.dictionary(
      fc.constantFrom(...names, 'other'),
      fc.oneof(fc.string(), fc.constant(null)),
    );
    fc.assert(
      fc.property(raws, (raw) => {
        const values = validateConfig(config, raw);
        expect(values.map((value) => value.name)).toEqual(names);
        for (const value of values) configValueJson(value, config.key(value.name));
      }),
      { seed: 5 },
    );
  });

  it('collects every problem of every key', () => {
    const values = validateConfig(config, { size: 'x', mode: 'some' });
    expect(
      values.filter((value) => value.errors.length > 0).map(({ name, errors }) => [name, errors]),
    ).toEqual([
      ['name', ['Missing required configuration "name" which has no default value.']],
      [
        'size',
        [
          'Invalid value x for configuration size: Not a number of type INT',
          'Invalid value null for configuration size: Value must be non-null',
        ],
      ],
      ['mode', ['Invalid value some for configuration mode: String must be one of: none, all']],
    ]);
  });

  it('never shows a password', () => {
    const values = validateConfig(config, { name: 'x', secret: 'hunter2' });
    const secret = values.find((value) => value.name === 'secret');
    expect(inspect(values) + JSON.stringify(secret)).not.toContain('hunter2');
    expect(configValueJson(secret as never, config.key('secret')).value).toBe('[hidden]');
    expect(secret?.value).toEqual(expect.any(Password));
    expect(parseConfig(config, { name: 'x', secret: 'hunter2' }).secret?.reveal()).toBe('hunter2');
  });

  it('uses recommenders after everything is parsed and reports missing dependents', () => {
    const def = defineConfig(
      string('parent', { default: 'a', doc: 'P.', dependents: ['child', 'lost'] }),
      string('child', {
        default: 'c',
        doc: 'C.',
        recommender: {
          validValues: (_name, parsed) => [`${parsed['parent']}1`],
          isVisible: (_name, parsed) => parsed['parent'] === 'b',
        },
      }),
    );
    const [, child, lost] = validateConfig(def, { parent: 'b' });
    expect(child).toMatchObject({ recommendedValues: ['b1'], isVisible: true });
    expect(lost).toMatchObject({
      name: 'lost',
      errors: ['lost is referred in the dependents, but not defined.'],
      isVisible: false,
    });
  });
});

describe('parseConfigType', () => {
  it('shows the value as it was given, and takes digits of any script', () => {
    expect(() => parseConfigType('k', ' x ', 'INT')).toThrow('Invalid value  x  for');
    expect(() => parseConfigType('k', ' x ', 'BOOLEAN')).toThrow('Invalid value  x  for');
    expect(() => parseConfigType('k', ' x', 'CLASS', () => null)).toThrow('Class  x could');
    expect(parseConfigType('k', '-\u0661\uff12', 'LONG')).toBe(-12n);
  });

  it('shows a double as one that is out of range', () => {
    const def = defineConfig(double('d', { min: 1, doc: 'D.' }));
    expect(validateConfig(def, { d: '0' })[0]?.errors).toEqual([
      'Invalid value 0.0 for configuration d: Value must be at least 1',
    ]);
  });
});

describe('configKeyJson', () => {
  it('describes a key as the REST API does', () => {
    expect(configKeyJson(config.keys[1])).toEqual({
      name: 'size',
      type: 'INT',
      required: false,
      default_value: '500',
      importance: 'MEDIUM',
      documentation: 'A size.',
      group: 'Sizes',
      order_in_group: 1,
      width: 'NONE',
      display_name: 'size',
      dependents: [],
    });
    expect(configKeyJson(config.keys[0])).toMatchObject({ required: true, default_value: null });
  });
});
