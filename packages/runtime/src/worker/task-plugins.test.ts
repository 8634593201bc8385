import { describe, expect, test } from 'vitest';
import { type TestPlugin, testLoader } from '../testing/test-plugins.ts';
import {
  aliasesIn,
  closeAll,
  createChain,
  createConverters,
  loadConnectorPlugin,
} from './task-plugins.ts';

describe('createConverters', () => {
  const worker = {
    'key.converter': 'test.Text',
    'key.converter.charset': 'latin1',
    'value.converter': 'test.Text',
    'value.converter.charset': 'utf8',
    'header.converter': 'test.Head',
  };

  test('takes class and keys from the worker, unless the connector names a class', async () => {
    const { loader, configured } = setUp();
    const own = { 'key.converter': 'Text', 'key.converter.x': '1', 'value.converter.ignored': '2' };
    const { key, value } = await createConverters(loader, own, worker);
    expect([key.className, value.className]).toEqual(['test.Text', 'test.Text']);
    expect(configured).toEqual([
      ['test.Text', { x: '1', 'converter.type': 'key' }, true],
      ['test.Text', { charset: 'utf8', 'converter.type': 'value' }, false],
      ['test.Head', { 'converter.type': 'header' }, undefined],
    ]);
  });

  test('an empty name is none', async () => {
    const { loader, configured } = setUp();
    await createConverters(loader, { 'key.converter': ' ' }, worker);
    expect(configured[0]?.[1]).toEqual({ charset: 'latin1', 'converter.type': 'key' });
  });

  test('says which class it did not find', async () => {
    const config = { ...worker, 'value.converter': 'test.Nope' };
    await expect(createConverters(setUp().loader, {}, config)).rejects.toThrow(
      'Failed to find any class that implements Converter and which name matches test.Nope',
    );
  });
});

describe('createChain', () => {
  const config = {
    transforms: 'a, b',
    'transforms.a.type': 'test.Rename',
    'transforms.a.to': 'x',
    'transforms.b.type': 'test.Rename',
    'transforms.b.predicate': 'p',
    'transforms.b.negate': ' TRUE ',
    predicates: 'p',
    'predicates.p.type': 'test.IsOld',
    'predicates.p.age': '5',
  };

  test('makes the links in order, each with its own config', async () => {
    const { loader, configured } = setUp();
    const chain = await createChain(loader, config);
    expect(chain.map((link) => link.className)).toEqual(['test.Rename', 'test.Rename']);
    expect(configured.map(([name, own]) => [name, own])).toEqual([
      ['test.Rename', { type: 'test.Rename', to: 'x' }],
      ['test.Rename', { type: 'test.Rename', predicate: 'p', negate: ' TRUE ' }],
      ['test.IsOld', { type: 'test.IsOld', age: '5' }],
    ]);
    // The predicate is true of everything, and negated.
    const record = { topic: 't' } as never;
    expect(chain.map((link) => link.apply(record))).toEqual([null, record]);
  });

  test('is empty without transforms', async () => {
    expect(await createChain(setUp().loader, {})).toEqual([]);
  });

  test('closes what it has made when a later one cannot be made', async () => {
    const { loader, closed } = setUp();
    const broken = { ...config, transforms: 'a,b,c', 'transforms.c.type': 'test.Nope' };
    await expect(createChain(loader, broken)).rejects.toThrow(
      'org.apache.kafka.connect.errors.ConnectException: org.apache.kafka.connect.errors.ConnectException: Failed to find any class that implements Transformation',
    );
    expect(closed).toEqual(['test.Rename', 'test.Rename', 'test.IsOld']);
  });

  test('a predicate has to be listed', async () => {
    const { predicates: _, ...unlisted } = config;
    await expect(createChain(setUp().loader, unlisted)).rejects.toThrow(
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: org\.apache\.kafka\.common\.config\.ConfigException: Unknown configuration 'predicates\.p\.plugin\.version'$/,
    );
  });

  test('what configure throws is wrapped once', async () => {
    const { loader, closed } = setUp(new Error('bad "to"'));
    await expect(createChain(loader, config)).rejects.toThrow(
      /^java\.lang\.RuntimeException: bad "to"$/,
    );
    expect(closed).toEqual(['test.Rename']);
  });
});

test("a connector's plugin is found with its version", async () => {
  const { plugin, version } = await loadConnectorPlugin(setUp().loader, {
    'connector.class': 'Source',
  });
  expect([plugin.className, version]).toEqual(['test.Source', '1']);
  await expect(loadConnectorPlugin(setUp().loader, {})).rejects.toThrow(
    'Missing required configuration "connector.class"',
  );
});

test('everything is closed, and the first error counts', async () => {
  const closed: number[] = [];
  const close = (number: number, error?: Error) => () => {
    closed.push(number);
    if (error !== undefined) throw error;
  };
  await expect(
    closeAll([close(1), close(2, new Error('second')), close(3, new Error('third')), () => {}]),
  ).rejects.toThrow('second');
  expect(closed).toEqual([1, 2, 3]);
});

test('aliases are trimmed, and each counts once', () => {
  expect(aliasesIn(' a,,b , a')).toEqual(['a', 'b']);
  expect(aliasesIn(undefined)).toEqual([]);
});

function setUp(configureError?: Error) {
  const configured: unknown[][] = [];
  const closed: string[] = [];
  const plugin = (className: string, type: TestPlugin['type'], more: object = {}): TestPlugin => ({
    className,
    type,
    create: () => ({
      configure(config: unknown, isKey: unknown) {
        configured.push([className, config, isKey]);
        if (configureError !== undefined) throw configureError;
      },
      close: () => closed.push(className),
      ...more,
    }),
  });
  const loader = testLoader([
    plugin('test.Text', 'converter'),
    plugin('test.Head', 'header_converter'),
    plugin('test.Rename', 'transformation', { apply: () => null }),
    plugin('test.IsOld', 'predicate', { test: () => true }),
    { className: 'test.Source', type: 'source' },
  ]);
  return { loader, configured, closed };
}

describe('where several versions of a plugin are installed', () => {
  const plugin = (version: string): TestPlugin => ({
    className: 'test.Text',
    type: 'converter',
    version,
    create: () => ({ configure() {}, fromConnectData: () => version }),
  });
  const source = (version: string): TestPlugin => ({
    className: 'test.Source',
    type: 'source',
    version,
  });
  const header: TestPlugin = {
    className: 'test.Head',
    type: 'header_converter',
    create: () => ({ configure() {} }),
  };
  const loader = testLoader([
    plugin('1.0'),
    plugin('1.9'),
    plugin('1.10'),
    source('1'),
    source('2'),
    header,
  ]);
  const worker = {
    'key.converter': 'test.Text',
    'value.converter': 'test.Text',
    'header.converter': 'test.Head',
  };

  test('the newest of those that the config asks for is used', async () => {
    const config = {
      'key.converter': 'Text',
      'key.converter.plugin.version': '[1.0,1.10)',
      'value.converter.plugin.version': '1.0',
    };
    const { key, value } = await createConverters(loader, config, worker);
    // The worker's class comes with the worker's version.
    expect([key, value].map((each) => each.plugin.fromConnectData('t', null, null, null))).toEqual([
      '1.9',
      '1.10',
    ]);
    const connector = { 'connector.class': 'Source', 'connector.plugin.version': '[1,2)' };
    expect((await loadConnectorPlugin(loader, connector)).version).toBe('1');
  });

  test('one that is not installed is refused with those that are', async () => {
    const config = { 'key.converter': 'test.Text', 'key.converter.plugin.version': '3' };
    await expect(createConverters(loader, config, worker)).rejects.toThrow(
      'Plugin test.Text not found that matches the version range [3,3], available versions: [1.0, 1.9, 1.10]',
    );
  });
});
