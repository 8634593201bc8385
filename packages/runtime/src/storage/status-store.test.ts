import { expect, test } from 'vitest';
import { MemoryStatusStore, type Status } from './status-store.ts';

const running: Status = { state: 'RUNNING', trace: null, workerId: 'w', version: '1' };

test('lists tasks by number, whenever they came', () => {
  const store = new MemoryStatusStore();
  for (const task of [10, 2, 0]) store.putTask('c', task, running);
  expect([...store.tasks('c').keys()]).toEqual([0, 2, 10]);
  store.removeTask('c', 2);
  expect([...store.tasks('c').keys()]).toEqual([0, 10]);
});

test('what it handed out does not change with it', () => {
  const store = new MemoryStatusStore();
  store.putTask('c', 0, running);
  const tasks = store.tasks('c');
  store.putTask('c', 1, running);
  expect(tasks.size).toBe(1);
});

test('a removed connector leaves its topics', () => {
  const store = new MemoryStatusStore();
  store.putConnector('c', running);
  store.putTask('c', 0, running);
  for (const topic of ['b', 'a', 'b']) store.addTopic('c', topic);
  store.removeConnector('c');
  expect(store.connector('c')).toBeUndefined();
  expect(store.task('c', 0)).toBeUndefined();
  expect(store.topics('c')).toEqual(['a', 'b']);
  store.removeTopics('c');
  expect(store.topics('c')).toEqual([]);
});
