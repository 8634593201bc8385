import { describe, expect, it } from 'vitest';
import { clientError } from '../../errors.ts';
import type { AccessToken } from './access-token.ts';
import { cacheToken } from './cached-token.ts';
import { initialResponse } from './initial-response.ts';
import { refreshAtMs } from './refresh-time.ts';
import { unsecuredToken } from './unsecured-token.ts';

const settings = {
  'sasl.login.refresh.window.factor': 0.8,
  'sasl.login.refresh.window.jitter': 0.05,
  'sasl.login.refresh.min.period.seconds': 60,
  'sasl.login.refresh.buffer.seconds': 300,
};
const token = (name: string, expiresAtMs: number): AccessToken => {
  return { token: name, expiresAtMs, subject: 'alice', extensions: {} };
};

describe('a token is replaced', () => {
  it.each([
    { name: 'in the window', lifetimeSeconds: 3600, random: 0, atSeconds: 2880 },
    { name: 'in the window, with jitter', lifetimeSeconds: 3600, random: 1, atSeconds: 3060 },
    { name: 'before the buffer', lifetimeSeconds: 1000, random: 0, atSeconds: 700 },
    { name: 'after the least period', lifetimeSeconds: 360, random: 0, atSeconds: 60 },
    {
      name: 'in the window where there is no room',
      lifetimeSeconds: 100,
      random: 0,
      atSeconds: 80,
    },
  ])('$name', ({ lifetimeSeconds, random, atSeconds }) => {
    const start = 5_000_000;
    const at = refreshAtMs(start, start + lifetimeSeconds * 1000, settings, random);
    expect(Math.round((at - start) / 1000)).toBe(atSeconds);
  });

  it('when a connection is opened past that time; callers at the same time share one request', async () => {
    let now = 0;
    let fetched = 0;
    const source = async () => token(`t${++fetched}`, now + 3_600_000);
    const get = cacheToken(
      source,
      settings,
      () => now,
      () => 0,
    );
    const [first, second] = await Promise.all([get(), get()]);
    expect([first.token, second.token]).toEqual(['t1', 't1']);
    now = 2_879_000;
    expect((await get()).token).toBe('t1');
    now = 2_880_000;
    expect((await get()).token).toBe('t2');
  });

  it('later, while the source is in trouble and the old one is good', async () => {
    let now = 0;
    let trouble: Error | null = null;
    const source = async () => {
      if (trouble !== null) throw trouble;
      return token('t', now + 1_000_000);
    };
    const get = cacheToken(
      source,
      settings,
      () => now,
      () => 0,
    );
    await get();
    now = 900_000;
    trouble = clientError('NETWORK', 'no answer');
    expect((await get()).token).toBe('t');
    now = 1_000_000;
    await expect(get()).rejects.toThrow('no answer');
    now = 900_000;
    trouble = clientError('SASL_AUTHENTICATION_FAILED', 'refused');
    await expect(get()).rejects.toThrow('refused');
  });
});

describe('an unsecured token', () => {
  it('has the claims of JAAS', () => {
    const made = unsecuredToken(
      {
        unsecuredLoginPrincipalClaimName: 'user',
        unsecuredLoginStringClaim_user: 'alice',
        unsecuredLoginNumberClaim_level: '3',
        unsecuredLoginListClaim_groups: '|a|b',
        unsecuredLoginLifetimeSeconds: '10',
        unsecuredLoginExtension_traceId: '7',
      },
      1_000_000,
    );
    expect(made).toMatchObject({
      subject: 'alice',
      expiresAtMs: 1_010_000,
      extensions: { traceId: '7' },
    });
    const [header = '', claims = '', signature] = made.token.split('.');
    expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"none"}');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iat: 1000,
      exp: 1010,
      user: 'alice',
      level: 3,
      groups: ['a', 'b'],
    });
    expect(signature).toBe('');
  });

  it.each([
    [{}, /unsecuredLoginStringClaim_sub/],
    [{ unsecuredLoginStringClaim_sub: 'a', unsecuredLoginNumberClaim_x: 'y' }, /NumberClaim_x/],
    [{ unsecuredLoginStringClaim_sub: 'a', unsecuredLoginNumberClaim_exp: '1' }, /claim_exp/i],
    [{ unsecuredLoginStringClaim_sub: 'a', unsecuredLoginLifetimeSeconds: 'x' }, /Lifetime/],
  ])('cannot be made of %o', (options, says) => {
    expect(() => unsecuredToken(options as Record<string, string>, 0)).toThrow(says);
  });
});

it('sends extensions behind the token, and refuses those that would be taken for something else', () => {
  const extended = (extensions: Record<string, string>) =>
    initialResponse({ ...token('t', 0), extensions }).toString();
  expect(extended({})).toBe('n,,\u0001auth=Bearer t\u0001\u0001');
  expect(extended({ a: '1', b: 'x y' })).toBe(
    'n,,\u0001auth=Bearer t\u0001a=1\u0001b=x y\u0001\u0001',
  );
  for (const wrong of [{ auth: 'x' }, { 'a-b': 'x' }, { a: '' }, { a: 'x\u0001b=y' }]) {
    expect(() => extended(wrong as Record<string, string>)).toThrow('SASL extension');
  }
});
