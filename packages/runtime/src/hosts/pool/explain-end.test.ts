import { expect, test } from 'vitest';
import { type EndFacts, explainEnd } from './explain-end.ts';

const nothing: EndFacts = {
  code: null,
  signal: 'SIGABRT',
  endedFor: null,
  lastWords: null,
  lastTick: null,
  errorLines: [],
  heapLimitMiB: 512,
};
const tick = { kind: 'tick', rssBytes: 1, runId: 7, call: 'poll()' } as const;

test('a full heap is told by the last words of the engine, and proven by a long turn', () => {
  const errorLines = ['FATAL ERROR: Reached heap limit - JavaScript heap out of memory'];
  expect(
    explainEnd({ ...nothing, errorLines, lastTick: { ...tick, stalledMs: 2000 } }),
  ).toMatchObject({
    reason: 'its JavaScript heap passed the limit of 512 MiB',
    suspect: { runId: 7, call: 'poll()' },
  });
  const short = explainEnd({ ...nothing, errorLines, lastTick: { ...tick, stalledMs: 200 } });
  expect(short.suspect).toBe(null);
});

test('resident memory blames a run only when its call has been long under way', () => {
  const lastWords = {
    kind: 'memory',
    rssBytes: 1.625 * 2 ** 30,
    limitBytes: 1.5 * 2 ** 30,
    runId: 7,
    call: 'poll()',
  } as const;
  const lastTick = { ...tick, stalledMs: 0 };
  const end = explainEnd({ ...nothing, lastWords, lastTick });
  expect(end.reason).toBe('its resident memory 1.6 GiB passed the limit of 1.5 GiB');
  expect(end.suspect).toBe(null);
  const proven = explainEnd({ ...nothing, lastWords, lastTick: { ...tick, stalledMs: 1500 } });
  expect(proven.suspect).toMatchObject({ runId: 7 });
});

test('SIGKILL without last words came from outside and blames nobody', () => {
  const end = explainEnd({ ...nothing, signal: 'SIGKILL', lastTick: { ...tick, stalledMs: 5000 } });
  expect(end).toEqual({
    reason: 'it was ended by SIGKILL',
    suspect: null,
    isKilledFromOutside: true,
  });
});

test('an end that the worker wanted has its reason, unless the host gave its own', () => {
  expect(explainEnd({ ...nothing, endedFor: 'it was empty' }).reason).toBe('it was empty');
  const lastWords = {
    kind: 'exit',
    reason: 'process.exit(1) was called',
    runId: 3,
    call: null,
  } as const;
  const end = explainEnd({ ...nothing, endedFor: 'it was empty', lastWords });
  expect(end).toMatchObject({ reason: 'process.exit(1) was called', suspect: { runId: 3 } });
});

test('an exit without a word carries the first line of standard error', () => {
  const end = explainEnd({
    ...nothing,
    signal: null,
    code: 9,
    errorLines: ['', 'node: bad option'],
  });
  expect(end.reason).toBe('it exited with code 9: node: bad option');
});
