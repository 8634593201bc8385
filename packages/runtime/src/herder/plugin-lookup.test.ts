import { describe, expect, test } from 'vitest';
import { type TestPlugin, testLoader } from '../testing/test-plugins.ts';
import { pluginInfos, requireConnectorPlugin, requirePlugin } from './plugin-lookup.ts';

const plugins: TestPlugin[] = [
  { className: 'a.FileSource', type: 'source', version: '1.0' },
  { className: 'a.FileSource', type: 'source', version: '1.10' },
  { className: 'b.CopyConnector', type: 'source' },
  { className: 'c.CopyConnector', type: 'sink' },
  { className: 'a.Json', type: 'converter' },
];
const { registry } = testLoader(plugins);

describe('requireConnectorPlugin', () => {
  test('finds a connector by its class or alias, the newest version', () => {
    const find = (name: string) => requireConnectorPlugin(registry, { 'connector.class': name });
    expect(find('a.FileSource')).toMatchObject({ className: 'a.FileSource', version: '1.10' });
    expect(find('FileSource')).toMatchObject({ className: 'a.FileSource' });
  });

  test.each([
    [{ name: 'c' }, 'Connector config {name=c} contains no connector type'],
    [
      { 'connector.class': null },
      'Connector config {connector.class=null} contains no connector type',
    ],
    [
      { 'connector.class': 'a.Json' },
      /which name matches a\.Json, available connectors are: PluginDesc/,
    ],
    [
      { 'connector.class': 'Copy' },
      /^More than one connector matches alias Copy\..*c\.Copy.*b\.Copy/,
    ],
  ])('refuses %j', (config, message) => {
    const find = () => requireConnectorPlugin(registry, config);
    expect(find).toThrow(message);
    expect(find).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('requirePlugin', () => {
  test('finds any kind of plugin, in the version that is asked for', () => {
    expect(requirePlugin(registry, 'Json', null).className).toBe('a.Json');
    expect(requirePlugin(registry, 'a.FileSource', '[1.0,1.5)').version).toBe('1.0');
    expect(requirePlugin(registry, 'a.FileSource', 'latest').version).toBe('1.10');
  });

  test.each([
    ['Nope', null, 404, 'Unknown plugin Nope.'],
    [
      'EnvVarConfigProvider',
      null,
      400,
      /^Invalid plugin class EnvVarConfigProvider\. Valid types are sink/,
    ],
    [
      'a.FileSource',
      '2.0',
      400,
      /version range \[2\.0,2\.0\], available versions: \[1\.0, 1\.10\]$/,
    ],
  ])('refuses %s %s', (name, version, status, message) => {
    const find = () => requirePlugin(registry, name, version);
    expect(find).toThrow(message);
    expect(find).toThrow(expect.objectContaining({ status }));
  });
});

test('lists every plugin with type and version', () => {
  expect(
    pluginInfos(registry).map(({ class: name, type, version }) => [name, type, version]),
  ).toEqual([
    ['c.CopyConnector', 'sink', '1'],
    ['a.FileSource', 'source', '1.0'],
    ['a.FileSource', 'source', '1.10'],
    ['b.CopyConnector', 'source', '1'],
    ['a.Json', 'converter', '1'],
  ]);
});
