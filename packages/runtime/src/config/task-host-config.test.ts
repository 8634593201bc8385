import { expect, test } from 'vitest';
import { defaultHostLimits } from '../hosts/pool/host-limits.ts';
import { parseTaskHostSettings } from './task-host-config.ts';

const mebibyte = 1024 * 1024;

test('absent keys take what fits the machine', () => {
  const { limits, maxHosts, environmentNames } = parseTaskHostSettings({});
  expect(limits).toEqual(defaultHostLimits());
  expect(maxHosts).toBeGreaterThanOrEqual(1);
  expect(environmentNames).toEqual([]);
});

test('given keys are limits; memory follows the heap unless it is given', () => {
  const config = { 'tributary.host.heap.mb': '100', 'tributary.host.count': '3' };
  const { limits, maxHosts } = parseTaskHostSettings(config);
  expect(maxHosts).toBe(3);
  expect(limits).toMatchObject({ heapMiB: 100, maxRssBytes: 406 * mebibyte });
  const given = parseTaskHostSettings({ ...config, 'tributary.host.memory.mb': '200' });
  expect(given.limits.maxRssBytes).toBe(200 * mebibyte);
});

test('a slow turn is named before its host is ended', () => {
  const { limits } = parseTaskHostSettings({ 'tributary.host.stall.timeout.ms': '3000' });
  expect(limits).toMatchObject({ maxStallMs: 3000, slowTurnMs: 1500 });
});

test('plugins see the environment variables that are named', () => {
  const config = { 'tributary.host.environment': 'AWS_REGION, HTTPS_PROXY' };
  expect(parseTaskHostSettings(config).environmentNames).toEqual(['AWS_REGION', 'HTTPS_PROXY']);
});

test('a limit that no host can work in is refused', () => {
  expect(() => parseTaskHostSettings({ 'tributary.host.heap.mb': '1' })).toThrow(
    'Invalid value 1 for configuration tributary.host.heap.mb: Value must be 0 or at least 64',
  );
});
