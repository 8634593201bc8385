import { HerderError } from '@tributary/runtime';
import { expect, test } from 'vitest';
import { ExitError } from './exit-error.ts';
import { explainError } from './explain-error.ts';

test('the message is told with what its causes add, once and without traces', () => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
  const unreachable = new Error('Cannot connect to broker: connect ECONNREFUSED 127.0.0.1:1', {
    cause: refused,
  });
  expect(explainError(named('TRB_X', 'Failed to describe', unreachable))).toBe(
    'Failed to describe (Cannot connect to broker: connect ECONNREFUSED 127.0.0.1:1)',
  );
  const inUse = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });
  expect(explainError(named('TRB_CONFIG', ':1: the port is in use', inUse))).toBe(
    ':1: the port is in use',
  );
});

test('plugins are listed by their classes', () => {
  const desc = (name: string) =>
    `PluginDesc{klass=class ${name}, name='${name}', version='1', location='classpath'}`;
  expect(
    explainError(new HerderError(400, `available connectors are: ${desc('a.B')}, ${desc('c.D')}`)),
  ).toBe('available connectors are: a.B, c.D');
});

test('mistakes of ours are not for the user', () => {
  expect(explainError(new TypeError('x is undefined'))).toBe(null);
  expect(explainError(named('TRB_ILLEGAL_WORKER_STATE', 'closed twice'))).toBe(null);
  expect(explainError(new ExitError('cannot read'))).toBe('cannot read');
});

function named(code: string, message: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
