import { expect, test } from 'vitest';
import { MemoryConfigStore } from './config-store.ts';

test('keeps target state and task configs when a config is replaced', () => {
  const store = new MemoryConfigStore();
  store.putConnector('c', { x: '1' }, 'PAUSED');
  store.putTaskConfigs('c', [{ n: '0' }]);
  store.putConnector('c', { x: '2' }, null);
  expect(store.connector('c')).toEqual({
    config: { x: '2' },
    targetState: 'PAUSED',
    taskConfigs: [{ n: '0' }],
  });
});

test('a new connector is started unless it says otherwise', () => {
  const store = new MemoryConfigStore();
  store.putConnector('c', {}, null);
  expect(store.connector('c')?.targetState).toBe('STARTED');
  store.putTargetState('c', 'STOPPED');
  expect(store.connector('c')?.targetState).toBe('STOPPED');
});

test('a connector that is gone, or never was, is not brought back by late news', () => {
  const store = new MemoryConfigStore();
  store.putConnector('c', {}, null);
  store.removeConnector('c');
  store.putTargetState('c', 'PAUSED');
  store.putTaskConfigs('d', [{}]);
  expect(store.connectors()).toEqual([]);
  expect(store.connector('c')).toBeUndefined();
});
