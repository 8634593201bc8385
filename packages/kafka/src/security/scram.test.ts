import { describe, expect, it } from 'vitest';
import { ScramExchange } from './scram.ts';

// The example of RFC 7677, section 3.
const credentials = { username: 'user', password: 'pencil', isToken: false };
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const serverFirst =
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const exchange = (): ScramExchange => new ScramExchange('sha256', credentials, nonce);

describe('SCRAM-SHA-256', () => {
  it('says what RFC 7677 shows', async () => {
    const scram = exchange();
    expect(scram.first().toString()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    expect((await scram.final(Buffer.from(serverFirst))).toString()).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    scram.verify(Buffer.from(serverFinal));
  });

  it('escapes names and tells tokens', () => {
    const scram = new ScramExchange(
      'sha512',
      { username: 'a=b,c', password: '', isToken: true },
      'n',
    );
    expect(scram.first().toString()).toBe('n,,n=a=3Db=2Cc,r=n,tokenauth=true');
  });

  it.each([
    ['a nonce that is not an answer', serverFirst.replace('rOprN', 'xOprN')],
    ['a nonce without a part of the broker', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['few iterations', serverFirst.replace('i=4096', 'i=1')],
    ['endless iterations', serverFirst.replace('i=4096', 'i=999999999')],
    ['no salt', serverFirst.replace(/s=[^,]+/, 's=')],
  ])('refuses %s', async (_, message) => {
    await expect(exchange().final(Buffer.from(message))).rejects.toMatchObject({
      errorName: 'SASL_AUTHENTICATION_FAILED',
    });
  });

  it.each(['v=AAAA', 'e=invalid-proof', 'v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='])(
    'refuses a broker that answers %s',
    async (message) => {
      const scram = exchange();
      await scram.final(Buffer.from(serverFirst));
      expect(() => scram.verify(Buffer.from(message))).toThrow(/SCRAM failed/);
    },
  );
});
