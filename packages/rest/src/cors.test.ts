import { expect, it } from 'vitest';
import { createCors } from './cors.ts';

const get = { method: 'GET', requestedMethod: undefined };

it('is off without allowed origins', () => {
  expect(createCors({})).toBeNull();
  expect(createCors({ 'access.control.allow.origin': ' ' })).toBeNull();
});

it('echoes an origin that a pattern matches as a whole, and no other', () => {
  const cors = createCors({ 'access.control.allow.origin': 'https://.*\\.example\\.org,http://b' });
  const allowed = { Vary: 'Origin', 'Access-Control-Allow-Origin': 'https://a.example.org' };
  expect(cors?.({ ...get, origin: 'https://a.example.org' })).toEqual(allowed);
  expect(cors?.({ ...get, origin: 'https://a.example.org.evil' })).toEqual({ Vary: 'Origin' });
  expect(cors?.({ ...get, origin: undefined })).toEqual({ Vary: 'Origin' });
});

it('reads patterns as Java does, in any case, and no origin that is too long', () => {
  const cors = createCors({ 'access.control.allow.origin': '\\Qhttps://a.b\\E,http://.*' });
  const allows = (origin: string): boolean =>
    cors?.({ ...get, origin })['Access-Control-Allow-Origin'] === origin;
  expect(allows('HTTPS://A.B')).toBe(true);
  expect(allows('https://axb')).toBe(false);
  expect(allows(`http://${'a'.repeat(200)}`)).toBe(true);
  expect(allows(`http://${'a'.repeat(300)}`)).toBe(false);
});

it('answers a preflight with the allowed methods', () => {
  const origin = 'http://any';
  const preflight = { method: 'OPTIONS', origin, requestedMethod: 'DELETE' };
  const headers = {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Headers': 'Content-Type',
    'Access-Control-Max-Age': '60',
  };
  const byDefault = createCors({ 'access.control.allow.origin': '*' });
  expect(byDefault?.(preflight)).toEqual({
    ...headers,
    'Access-Control-Allow-Methods': 'GET,POST,HEAD',
  });
  const named = createCors({
    'access.control.allow.origin': '*',
    'access.control.allow.methods': 'GET, DELETE',
  });
  expect(named?.(preflight)['Access-Control-Allow-Methods']).toBe('GET,DELETE');
});

it('refuses an origin that is no regular expression', () => {
  expect(() => createCors({ 'access.control.allow.origin': '(' })).toThrow('regular expression');
});
