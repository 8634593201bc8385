import { expect, it } from 'vitest';
import { isBadPath } from './bad-path.ts';

it.each([
  '//connectors',
  '/connectors//status',
  '/connectors/a%2Fb',
  '/connectors/a%2fb',
  '/connectors/a%5Cb',
  '/connectors/a%25b',
  '/connectors/%2e%2e/admin',
  '/connectors/%zz',
  '/connectors/%ff',
])('refuses %s', (path) => {
  expect(isBadPath(path)).toBe(true);
});

it.each(['/', '/connectors/a%20b', '/connectors/%C3%A4', '/connectors?x=%2F//%zz'])(
  'takes %s',
  (path) => {
    expect(isBadPath(path)).toBe(false);
  },
);
