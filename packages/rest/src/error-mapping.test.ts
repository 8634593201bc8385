import { HerderError } from '@tributary/runtime';
import { AlreadyExistsError, ConfigError, ConnectError, NotFoundError } from '@tributary/sdk';
import { expect, it } from 'vitest';
import { HttpError, isLoggable, mapError } from './error-mapping.ts';

it.each([
  [new NotFoundError('Connector a not found'), 404],
  [new AlreadyExistsError('Connector a already exists'), 409],
  [new HerderError(409, 'a rebalance is pending'), 409],
  [new HerderError(403, 'Topic tracking is disabled.'), 403],
  [new ConfigError('Connector configuration is invalid'), 400],
  [new ConnectError('Failed to start connector: a'), 500],
  [new TypeError('a mistake of our own'), 500],
])('maps "%s"', (error, status) => {
  expect(mapError(error)).toEqual({ error_code: status, message: error.message });
});

it('names statuses as JAX-RS does', () => {
  expect(mapError(new HttpError(404)).message).toBe('HTTP 404 Not Found');
  expect(mapError(new HttpError(405)).message).toBe('HTTP 405 Method Not Allowed');
  expect(mapError(new HttpError(406)).message).toBe('HTTP 406 Not Acceptable');
  expect(mapError(new HttpError(415)).message).toBe('HTTP 415 Unsupported Media Type');
});

it('keeps out of the log what may quote a config', () => {
  expect(isLoggable(new ConfigError('value secret is bad'))).toBe(false);
  expect(isLoggable(new HttpError(500, 'secret', { quotesRequest: true }))).toBe(false);
  expect(isLoggable(new ConnectError('lost the broker'))).toBe(true);
});
