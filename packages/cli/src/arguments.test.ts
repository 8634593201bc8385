import { afterEach, expect, test, vi } from 'vitest';
import { asTyped } from './arguments.ts';

afterEach(() => vi.unstubAllEnvs());

test('an option is shown as it is typed, through npm behind its dashes', () => {
  vi.stubEnv('npm_lifecycle_event', 'start');
  expect(asTyped('--port N')).toBe('`npm start -- --port N`');
  vi.stubEnv('npm_lifecycle_event', 'test');
  expect(asTyped('--port N')).toBe('--port N');
});
