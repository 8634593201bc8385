import { describe, expect, it } from 'vitest';
import { compareVersions, type PluginDescriptor, PluginRegistry } from './plugin-registry.ts';
import { parseVersionRange } from './version-range.ts';

describe('aliases', () => {
  it('are the simple name and the name without its kind', () => {
    const registry = new PluginRegistry([plugin('org.acme.OrdersSourceConnector', 'source')]);
    for (const name of [
      'org.acme.OrdersSourceConnector',
      'OrdersSourceConnector',
      'OrdersSource',
    ]) {
      expect(registry.find(name, ['source'])?.className).toBe('org.acme.OrdersSourceConnector');
    }
    expect(registry.find('OrdersSource', ['sink'])).toBeUndefined();
  });

  it('that two classes claim belong to neither', () => {
    const registry = new PluginRegistry([
      plugin('org.acme.Filter', 'transformation'),
      plugin('org.other.Filter', 'transformation'),
    ]);
    expect(registry.find('Filter', ['transformation'])).toBeUndefined();
    expect(registry.find('org.acme.Filter', ['transformation'])).toBeDefined();
  });

  it('do not exist for nested classes', () => {
    const registry = new PluginRegistry([plugin('org.acme.Cast$Value', 'transformation')]);
    expect(registry.find('Cast$Value', ['transformation'])).toBeUndefined();
    expect(registry.find('org.acme.Cast$Value', ['transformation'])).toBeDefined();
  });

  it('of a converter that converts headers, too, find either', () => {
    const registry = new PluginRegistry([
      plugin('org.acme.JsonConverter', 'converter'),
      plugin('org.acme.JsonConverter', 'header_converter'),
    ]);
    expect(registry.find('Json', ['converter'])?.type).toBe('converter');
    expect(registry.find('Json', ['header_converter'])?.type).toBe('header_converter');
  });
});

it('lists sinks, sources, then the rest, by class name', () => {
  const registry = new PluginRegistry([
    plugin('c.Json', 'converter'),
    plugin('b.Source', 'source'),
    plugin('a.Source', 'source'),
    plugin('z.Sink', 'sink'),
    plugin('a.Source', 'source'),
  ]);
  expect(registry.plugins.map((each) => each.className)).toEqual([
    'z.Sink',
    'a.Source',
    'b.Source',
    'c.Json',
  ]);
});

it('finds the newest version', () => {
  const registry = new PluginRegistry(
    ['1.9.0', '1.10.0', '1.2.0'].map((version) => ({ ...plugin('a.B', 'source'), version })),
  );
  expect(registry.find('a.B', ['source'])?.version).toBe('1.10.0');
  expect(compareVersions('4.3.1', '4.3')).toBeGreaterThan(0);
  expect(compareVersions('1.0', '1.0.0')).toBe(0);
});

describe.for([
  ['1.2.0', ['1.2.0'], ['1.2.1']],
  ['[1.0,2.0)', ['1.0', '1.9.9'], ['2.0', '0.9']],
  ['(1.0,]', ['1.0.1', '9'], ['1.0']],
  ['[1.0],[3.0,)', ['1.0', '3.0', '4'], ['2.0']],
] as const)('the range %s', ([text, inside, outside]) => {
  it('includes what Maven would', () => {
    const range = parseVersionRange(text);
    for (const version of inside) expect(range?.includes(version), version).toBe(true);
    for (const version of outside) expect(range?.includes(version), version).toBe(false);
  });
});

it('takes nothing and "latest" for the newest, and refuses what is no range', () => {
  expect(parseVersionRange(undefined)).toBe(null);
  expect(parseVersionRange('latest')).toBe(null);
  expect(() => parseVersionRange('[')).toThrow('Unbounded range: [');
});

function plugin(className: string, type: PluginDescriptor['type']): PluginDescriptor {
  return { className, type, version: '1.0', packageFolder: '/none', exportName: 'x' };
}
