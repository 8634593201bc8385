import { type ConfigValue, defineConfig, list, string } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { type TestPlugin, testLoader, testPlugins } from '../testing/test-plugins.ts';
import { pluginConfigKeys, validateConnectorConfig } from './validate-config.ts';

const source = { name: 'c', 'connector.class': 'test.Source', topic: 't' };
const sink = { name: 'c', 'connector.class': 'test.Sink', topics: 't' };

async function validate(
  config: Record<string, string | null>,
  options: { plugins?: readonly TestPlugin[]; worker?: Record<string, string> } = {},
) {
  const workerConfig = { 'key.converter': 'test.Converter', ...options.worker };
  const result = await validateConnectorConfig(config, {
    plugins: testLoader(options.plugins),
    workerConfig,
  });
  return {
    ...result,
    names: result.configs.map(({ value }) => value.name),
    value: (name: string) => result.configs.find(({ value }) => value.name === name)?.value,
    definition: (name: string) =>
      result.configs.find(({ value }) => value.name === name)?.definition,
    errors: Object.fromEntries(
      result.configs.flatMap(({ value }) =>
        value.errors.length > 0 ? [[value.name, value.errors]] : [],
      ),
    ),
  };
}

describe('validateConnectorConfig', () => {
  test('lists the keys of the framework, then those of the connector', async () => {
    const { names, error_count, value } = await validate(source);
    expect(names[0]).toBe('name');
    expect(names.at(-1)).toBe('topic');
    expect(names).toContain('topic.creation.groups');
    expect(error_count).toBe(0);
    // The class by which the worker's converter is known; no converter of the worker for values.
    expect(value('key.converter')?.value).toBe('test.Converter');
    expect(value('value.converter')?.value).toBeNull();
  });

  test('counts every error, also two of one key', async () => {
    const { errors, error_count } = await validate({ ...source, 'tasks.max': 'abc' });
    expect(errors).toEqual({
      'tasks.max': [
        'Invalid value abc for configuration tasks.max: Not a number of type INT',
        'Invalid value null for configuration tasks.max: Value must be non-null',
      ],
    });
    expect(error_count).toBe(2);
  });

  test("a key that the connector declares, too, is the connector's alone", async () => {
    const plugins: TestPlugin[] = [
      {
        className: 'test.Source',
        type: 'source',
        config: defineConfig(string('tasks.max', { default: 'any', doc: 'x' })),
      },
    ];
    const { names, errors } = await validate({ ...source, 'tasks.max': 'abc' }, { plugins });
    expect(names.filter((name) => name === 'tasks.max')).toHaveLength(1);
    expect(names.at(-1)).toBe('tasks.max');
    expect(errors).toEqual({});
  });

  test("asks the connector's own validation with what was found so far", async () => {
    const plugins: TestPlugin[] = [
      {
        className: 'test.Source',
        type: 'source',
        config: defineConfig(list('tables', { doc: 'x' })),
        async validate(config: Record<string, string>, values: readonly ConfigValue[]) {
          const [tables] = values;
          if (tables === undefined) throw new Error('no values');
          return [{ ...tables, errors: [...tables.errors, `No table ${config['tables']}`] }];
        },
      },
    ];
    const { errors } = await validate({ ...source, tables: 'a,b' }, { plugins });
    expect(errors).toEqual({ tables: ['No table a,b'] });
  });

  test('a null is an error of its key, with or without a definition', async () => {
    const message = 'Null value can not be supplied as the configuration value.';
    const { errors, names, definition } = await validate({
      ...source,
      'no.such.key': null,
      'errors.tolerance': null,
    });
    expect(errors['no.such.key']).toEqual([message]);
    expect(errors['errors.tolerance']).toContain(message);
    expect(names[0]).toBe('no.such.key');
    expect(definition('no.such.key')).toBeNull();
  });

  test('a sink has either topics or a pattern, and no dead letter queue among them', async () => {
    expect((await validate({ ...sink, 'topics.regex': 'a.*' })).errors).toEqual({
      topics: ['topics and topics.regex are mutually exclusive options, but both are set.'],
      'topics.regex': ['topics and topics.regex are mutually exclusive options, but both are set.'],
    });
    expect((await validate({ ...sink, topics: '' })).errors['topics']).toEqual([
      'Must configure one of topics or topics.regex',
    ]);
    const pattern = { ...sink, topics: '', 'topics.regex': '[a&&[^b]]+' };
    const dead = { ...pattern, 'errors.deadletterqueue.topic.name': 'aa' };
    expect((await validate(dead)).errors['topics.regex']?.[0]).toContain(
      "The DLQ topic 'aa' may not",
    );
    const other = { ...pattern, 'errors.deadletterqueue.topic.name': 'ab' };
    expect((await validate(other)).errors).toEqual({});
  });

  test('a version that is not installed is an error of class and version, and ends the answer', async () => {
    const { errors, names } = await validate({ ...source, 'connector.plugin.version': '[2,3)' });
    const problem =
      'Plugin test.Source not found that matches the version range [2,3), available versions: [1]';
    expect(errors).toEqual({ 'connector.class': [problem], 'connector.plugin.version': [problem] });
    expect(names).not.toContain('topic');
  });

  test('a version that is none is refused as a whole', async () => {
    await expect(validate({ ...source, 'connector.plugin.version': '[' })).rejects.toMatchObject({
      status: 400,
      message: 'Unbounded range: [',
    });
  });

  test('keys of a converter that the connector names follow under its prefix', async () => {
    const { names, groups, errors, error_count, value } = await validate({
      ...source,
      'value.converter': 'test.Converter',
      'value.converter.enabled': 'perhaps',
    });
    expect(names.slice(-2).sort()).toEqual([
      'value.converter.converter.type',
      'value.converter.enabled',
    ]);
    expect(groups.at(-1)).toBe('Own');
    expect(value('value.converter.converter.type')?.value).toBe('value');
    // The validator knows the key without its prefix.
    expect(errors['value.converter.enabled']?.[0]).toContain('for configuration enabled:');
    expect(error_count).toBe(1);
  });

  test('a class of another kind is no converter', async () => {
    const { errors } = await validate({ ...source, 'value.converter': 'test.IsOld' });
    expect(errors).toEqual({
      'value.converter': ['Class class test.IsOld does not implement the Converter interface'],
    });
  });
});

describe('stages', () => {
  const staged = {
    ...source,
    transforms: 'r',
    'transforms.r.type': 'test.Rename$Value',
    'transforms.r.to': 'x',
  };

  test('a transformation brings its keys, numbered through with predicate and negate', async () => {
    const { names, definition, groups } = await validate(staged);
    const own = names.filter((name) => name.startsWith('transforms.r.'));
    expect(own).toEqual([
      'transforms.r.type',
      'transforms.r.plugin.version',
      'transforms.r.negate',
      'transforms.r.predicate',
      'transforms.r.to',
    ]);
    expect(own.map((name) => definition(name)?.order_in_group)).toEqual([0, 1, 2, 3, 4]);
    expect(definition('transforms.r.to')?.group).toBe('Transforms: r: Names');
    expect(definition('transforms.r.predicate')?.default_value).toBeNull();
    expect(groups).toContain('Transforms: r');
  });

  test.each([
    [{ 'transforms.r.type': 'test.Nope' }, /^Invalid value test\.Nope .*could not be found\.$/],
    [
      { 'transforms.r.type': 'test.IsOld' },
      /^Class class test\.IsOld does not implement the Transformation/,
    ],
    [
      { 'transforms.r.type': 'test.Rename' },
      /^This class is abstract .* Did you mean test\.Rename\$Value\?$/,
    ],
    [
      { 'transforms.r.negate': 'true' },
      /^Config 'transforms\.r\.negate' was provided but there is no config/,
    ],
  ])('a wrong stage is an error of its type: %j', async (changes, message) => {
    const { errors } = await validate({ ...staged, ...changes });
    expect(errors['transforms.r.type']?.[0]).toMatch(message);
  });

  test('an alias that stands twice is refused', async () => {
    const { errors } = await validate({ ...staged, transforms: 'r,r' });
    expect(errors['transforms']).toEqual([
      'Invalid value [r, r] for configuration transforms: Duplicate alias provided.',
    ]);
  });

  test('a predicate has its own group', async () => {
    const { groups, names } = await validate({
      ...source,
      predicates: 'p',
      'predicates.p.type': 'IsOld',
    });
    expect(groups).toContain('Predicates: p');
    expect(names).toContain('predicates.p.plugin.version');
  });
});

describe('overrides of Kafka clients', () => {
  test('appear once per key, with the definition of those that the client knows', async () => {
    const { names, definition, value } = await validate({
      ...source,
      'producer.override.acks': '1',
      'producer.override.no.such': 'x',
      'consumer.override.max.poll.records': '5',
    });
    const overrides = names.filter((name) => name.includes('.override.'));
    expect(overrides).toEqual(['producer.override.no.such', 'producer.override.acks']);
    expect(definition('producer.override.acks')?.type).toBe('STRING');
    expect(definition('producer.override.no.such')).toBeNull();
    expect(value('producer.override.no.such')?.value).toBe('x');
  });

  test('show no password, whether a definition calls it one or its name says so', async () => {
    const { value } = await validate({
      ...source,
      'producer.override.sasl.jaas.config': 'hush',
      'producer.override.my.plugin.password': 'hush',
    });
    expect(value('producer.override.sasl.jaas.config')?.value).toBe('[hidden]');
    expect(value('producer.override.my.plugin.password')?.value).toBe('[hidden]');
  });

  test('of the wrong type fail the whole validation', async () => {
    await expect(validate({ ...source, 'producer.override.linger.ms': 'x' })).rejects.toThrow(
      'Invalid value x for configuration linger.ms: Not a number of type LONG',
    );
  });

  test('that the policy forbids are errors, one per key', async () => {
    const { errors, error_count } = await validate(
      {
        ...source,
        'producer.override.linger.ms': '1',
        'producer.override.sasl.mechanism': 'PLAIN',
      },
      { worker: { 'connector.client.config.override.policy': 'Principal' } },
    );
    expect(errors).toEqual({
      'producer.override.linger.ms': [
        "The 'Principal' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
      ],
    });
    expect(error_count).toBe(1);
  });

  test('are looked at for the clients that the connector has', async () => {
    const all = {
      'producer.override.acks': '1',
      'consumer.override.max.poll.records': '5',
      'admin.override.retries': '3',
    };
    const prefixes = async (config: Record<string, string>) =>
      (await validate({ ...config, ...all })).names
        .filter((name) => name.includes('.override.'))
        .map((name) => name.split('.')[0]);
    expect(await prefixes(source)).toEqual(['producer']);
    expect(await prefixes({ ...source, 'topic.creation.default.partitions': '1' })).toEqual([
      'producer',
      'admin',
    ]);
    expect(await prefixes(sink)).toEqual(['consumer']);
    expect(await prefixes({ ...sink, 'errors.deadletterqueue.topic.name': 'd' })).toEqual([
      'producer',
      'consumer',
      'admin',
    ]);
  });
});

describe('pluginConfigKeys', () => {
  const deps = { plugins: testLoader(testPlugins), workerConfig: { 'key.converter': 'x' } };

  test("lists a connector's own keys, then those of the framework that it leaves", async () => {
    const names = (await pluginConfigKeys({ className: 'test.Source', version: null }, deps)).map(
      (key) => key?.name,
    );
    expect(names.slice(0, 2)).toEqual(['topic', 'name']);
    expect(new Set(names).size).toBe(names.length);
  });

  test('knows no converter of the worker', async () => {
    const keys = await pluginConfigKeys({ className: 'test.Source', version: null }, deps);
    expect(keys.find((key) => key?.name === 'header.converter')?.default_value).toBeNull();
  });

  test('lists nothing but its own keys for any other plugin', async () => {
    const keys = await pluginConfigKeys({ className: 'test.Converter', version: null }, deps);
    expect(keys.map((key) => key?.name)).toEqual(['enabled', 'converter.type']);
  });
});

describe('versions of plugins below the connector', () => {
  const staged = {
    ...source,
    transforms: 'r',
    'transforms.r.type': 'test.Rename$Value',
    'transforms.r.to': 'x',
    'value.converter': 'test.Converter',
  };
  const missing = (name: string) =>
    `Plugin ${name} not found that matches the version range [9,9], available versions: [1]`;

  test('are errors of class and version where they are not installed, and end the answer there', async () => {
    const { errors, names } = await validate({
      ...staged,
      'transforms.r.plugin.version': '9',
      'value.converter.plugin.version': '9',
    });
    expect(errors).toEqual({
      'transforms.r.type': [missing('test.Rename$Value')],
      'transforms.r.plugin.version': [missing('test.Rename$Value')],
      'value.converter': [missing('test.Converter')],
      'value.converter.plugin.version': [missing('test.Converter')],
    });
    expect(names.filter((name) => /^(transforms\.r|value\.converter)\./.test(name))).toEqual([
      'value.converter.plugin.version',
      'transforms.r.type',
      'transforms.r.plugin.version',
    ]);
  });

  test('are refused where they are no versions', async () => {
    const { errors } = await validate({
      ...staged,
      'transforms.r.plugin.version': '[',
      'value.converter.plugin.version': '(',
    });
    expect(errors).toEqual({
      'transforms.r.type': ['Unbounded range: ['],
      'transforms.r.plugin.version': ['Unbounded range: ['],
      'value.converter.plugin.version': ['Unbounded range: ('],
    });
  });

  test('a converter that is not there has no version to show', async () => {
    const { value } = await validate({ ...source, 'key.converter': 'test.Nope' });
    expect(value('key.converter.plugin.version')).toMatchObject({
      value: null,
      visible: false,
    });
  });
});
