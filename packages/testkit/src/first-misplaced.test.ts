import { describe, expect, test } from 'vitest';
import { firstMisplaced } from './first-misplaced.ts';

/** As `writeLinesFile` has them, with every fifth empty. */
const line = (index: number): string =>
  index % 5 === 4 ? '\n' : `${String(index).padStart(9, '0')} text, 世界\n`;
const lines = (...indexes: number[]): string => indexes.map(line).join('');
const range = (from: number, to: number): string =>
  lines(...Array.from({ length: to - from }, (_, index) => from + index));
const sent = range(0, 30);

describe('in order are', () => {
  test.each([
    ['all lines once', sent],
    ['a repeated part', range(0, 20) + range(12, 30)],
    ['a part that is repeated from an empty line on', range(0, 20) + range(14, 30)],
    ['a line that was torn', `${range(0, 20)}${line(20).slice(0, 13)}\n${range(17, 30)}`],
    ['a number that was torn', `${range(0, 20)}0000\n${range(17, 30)}`],
    [
      'a character that was torn',
      `${range(0, 20)}${line(20).slice(0, 17)}\uFFFD\n${range(17, 30)}`,
    ],
    [
      'a repeated part that went back itself',
      range(0, 20) + range(10, 13) + range(16, 20) + range(10, 30),
    ],
  ])('%s', (_what, received) => {
    expect(firstMisplaced(sent, received, 1)).toBe(null);
  });
});

describe('misplaced are', () => {
  test.each([
    ['a lost line', lines(0, 1, 3) + range(4, 30), 'line 3 follows on line 1'],
    ['a lost empty line', range(0, 4) + range(5, 30), 'line 5 follows on line 3'],
    ['an empty line too many', `${range(0, 7)}\n${range(7, 30)}`, 'an empty line precedes line 7'],
    ['the end', range(0, 29), 'only 29 of 30'],
    [
      'two writers at once',
      range(0, 11) + lines(3, 11, 5, 12) + range(13, 30),
      'line 11 follows on line 3',
    ],
    [
      'two writers of old lines',
      range(0, 30) + lines(1, 11, 2, 12, 3, 13),
      'line 12 follows on line 2',
    ],
    [
      'a torn line beyond what was there',
      `${range(0, 20)}${line(23).slice(0, 13)}\n${range(20, 30)}`,
      'nobody sent',
    ],
    [
      'a line that follows on a torn one',
      `${range(0, 20)}${line(20).slice(0, 13)}${range(17, 30)}`,
      'nobody sent',
    ],
    ['the end of a line', `${range(0, 20)}${line(20).slice(12)}${range(20, 30)}`, 'nobody sent'],
    [
      'more torn lines than restarts',
      `${range(0, 20)}0000000\n000\n${range(17, 30)}`,
      'nobody sent',
    ],
  ])('%s', (_what, received, problem) => {
    expect(firstMisplaced(sent, received, 1)).toContain(problem);
  });
});
