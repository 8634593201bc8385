import { expect, it } from 'vitest';
import { chooseAnswerType, judgeContentType } from './negotiation.ts';

it.each([
  ['application/json', 'json'],
  ['Application/JSON; charset=utf-8', 'json'],
  ['application/*', 'json'],
  ['text/plain', 'other'],
  ['application/x-www-form-urlencoded', 'other'],
  ['json', 'unparsable'],
  ['application/json/x', 'unparsable'],
])('judges the Content-Type "%s" as %s', (header, judged) => {
  expect(judgeContentType(header)).toBe(judged);
});

it.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/html, application/*;q=0.5', 'application/json'],
  ['application/json;charset=utf-8', 'application/json;charset=utf-8'],
  ['text/html', null],
  ['application/json;q=0', null],
])('answers Accept "%s" with %s', (accept, type) => {
  expect(chooseAnswerType(accept)).toBe(type);
});
