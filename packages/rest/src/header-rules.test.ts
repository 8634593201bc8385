import { expect, it } from 'vitest';
import { headerValue, parseHeaderRules } from './header-rules.ts';

it('reads rules, in quotes where they hold commas', () => {
  const rules = parseHeaderRules('add X-One: 1, "set Cache-Control:no-cache, no-store"');
  expect(rules).toEqual([
    { action: 'add', name: 'X-One', value: '1' },
    { action: 'set', name: 'Cache-Control', value: 'no-cache, no-store' },
  ]);
  expect(parseHeaderRules(undefined)).toEqual([]);
});

it('counts dates from now', () => {
  const [rule] = parseHeaderRules('setDate Expires:1000');
  expect(rule && headerValue(rule, 0)).toBe('Thu, 01 Jan 1970 00:00:01 GMT');
});

it.each([
  ['set', 'Invalid format of header config'],
  ['drop X:1', 'Invalid header config action'],
  ['set X', 'Invalid format of header name and header value pair'],
  ['set X:1:2', 'Invalid format of header name and header value pair'],
  ['set X Y:1', 'cannot contain whitespace'],
  ['setDate Expires:soon', 'takes milliseconds'],
])('refuses the rule "%s"', (text, message) => {
  expect(() => parseHeaderRules(text)).toThrow(message);
});
