import { expect, test } from 'vitest';
import { type HostLoad, placeRun } from './place-run.ts';

const host = (hostId: number, tasks: number, group: string | null = null): HostLoad => ({
  hostId,
  group,
  tasks,
  connectors: 0,
});
const task = { isTask: true, group: null };
const connector = { isTask: false, group: null };

test('a task starts a host while there are fewer than allowed and none is empty', () => {
  expect(placeRun([], task, 2)).toBe(null);
  expect(placeRun([host(1, 0)], task, 2)).toBe(1);
  expect(placeRun([host(1, 1)], task, 2)).toBe(null);
  expect(placeRun([host(1, 1), host(2, 3)], task, 2)).toBe(1);
});

test('a connector joins the host with the least tasks', () => {
  expect(placeRun([host(1, 3), host(2, 1)], connector, 4)).toBe(2);
  expect(placeRun([], connector, 4)).toBe(null);
});

test('a group has its host for itself', () => {
  const own = { isTask: true, group: 'own a' };
  expect(placeRun([host(1, 0)], own, 2)).toBe(null);
  expect(placeRun([host(1, 0), host(2, 5, 'own a')], own, 2)).toBe(2);
  expect(placeRun([host(2, 0, 'own a')], task, 1)).toBe(null);
});
