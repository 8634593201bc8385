import { saslAuthenticateApi, saslHandshakeApi } from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { parseAdmin } from '../config.ts';
import type { MskSigner } from './aws-msk-iam.ts';
import type { Kerberos } from './gssapi.ts';
import { createSasl, type SaslRequest } from './sasl.ts';
import type { SaslDeps } from './sasl-mechanism.ts';

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const host = 'b-1.demo.x1y2.c2.kafka.eu-west-1.amazonaws.com:9098';

function saslFor(config: Record<string, string>, deps: Partial<SaslDeps>) {
  const all = { 'bootstrap.servers': 'a:1', 'security.protocol': 'SASL_SSL', ...config };
  return createSasl(parseAdmin(all, logger), {
    environment: {},
    post: () => Promise.reject(new Error('nothing is posted')),
    now: () => 1_000_000,
    load: () => Promise.reject(new Error('not installed')),
    ...deps,
  });
}

/** A broker that notes what it is asked, and answers in turn. */
function broker(...answers: string[]) {
  const asked: string[] = [];
  const request = (async (api: unknown, value: { mechanism?: string; authBytes?: Buffer }) => {
    asked.push(value.mechanism ?? String(value.authBytes));
    if (api === saslHandshakeApi) return { errorCode: 0, mechanisms: [] };
    expect(api).toBe(saslAuthenticateApi);
    const authBytes = Buffer.from(answers.shift() ?? '');
    return { errorCode: 0, errorMessage: null, authBytes, sessionLifetimeMs: 0n };
  }) as unknown as SaslRequest;
  return { asked, request };
}

describe('AWS_MSK_IAM', () => {
  const config = {
    'sasl.mechanism': 'AWS_MSK_IAM',
    'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
    'sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
  };

  function signer() {
    const calls: unknown[] = [];
    const sign = (kind: string) => async (options: object) => {
      calls.push({ kind, ...options });
      return { token: 'signed', expiryTime: 1_000_000 + 900_000 };
    };
    const fake: MskSigner = {
      generateAuthToken: sign('default'),
      generateAuthTokenFromProfile: sign('profile'),
      generateAuthTokenFromRole: sign('role'),
    };
    return { calls, load: async (name: string) => (expectName(name), fake) };
  }
  const expectName = (name: string): void => expect(name).toBe('aws-msk-iam-sasl-signer-js');

  it('shows the token of the signer as OAUTHBEARER, for the region of the broker, once for all brokers', async () => {
    const { calls, load } = signer();
    const sasl = saslFor(config, { load });
    const { asked, request } = broker('', '');
    await sasl.authenticate(host, request);
    await sasl.authenticate(host.replace('b-1', 'b-2'), request);
    expect(asked.slice(0, 2)).toEqual(['OAUTHBEARER', 'n,,\u0001auth=Bearer signed\u0001\u0001']);
    expect(asked).toHaveLength(4);
    expect(calls).toEqual([{ kind: 'default', region: 'eu-west-1' }]);
  });

  it.each([
    {
      options: 'awsProfileName="dev"',
      environment: {},
      call: { kind: 'profile', region: 'eu-west-1', awsProfileName: 'dev' },
    },
    {
      options: 'awsRoleArn="arn:r" awsRoleSessionName="s"',
      environment: { AWS_REGION: 'us-east-2' },
      call: { kind: 'role', region: 'eu-west-1', awsRoleArn: 'arn:r', awsRoleSessionName: 's' },
    },
  ])('signs as $options says', async ({ options, environment, call }) => {
    const { calls, load } = signer();
    const jaas = `software.amazon.msk.auth.iam.IAMLoginModule required ${options};`;
    const sasl = saslFor({ ...config, 'sasl.jaas.config': jaas }, { load, environment });
    await sasl.authenticate(host, broker('').request);
    expect(calls).toEqual([call]);
  });

  it('takes the region of the environment for a broker whose name has none', async () => {
    const { calls, load } = signer();
    const sasl = saslFor(config, { load, environment: { AWS_REGION: 'us-east-2' } });
    await sasl.authenticate('10.0.0.1:9098', broker('').request);
    expect(calls).toEqual([{ kind: 'default', region: 'us-east-2' }]);
    const nowhere = saslFor(config, { load });
    await expect(nowhere.authenticate('10.0.0.1:9098', broker('').request)).rejects.toThrow(
      /10\.0\.0\.1:9098.*AWS_REGION/,
    );
  });

  it('says which package it needs', async () => {
    await expect(saslFor(config, {}).authenticate(host, broker().request)).rejects.toMatchObject({
      errorName: 'INVALID_CONFIG',
      message: expect.stringContaining('npm install aws-msk-iam-sasl-signer-js'),
    });
  });

  it('passes on no word of the SDK about credentials', async () => {
    const failing = async () => {
      throw Object.assign(new Error('the key hunter2 is wrong'), { name: 'CredentialsError' });
    };
    const sasl = saslFor(config, { load: async () => ({ generateAuthToken: failing }) });
    const error = await sasl.authenticate(host, broker().request).catch((reason) => reason);
    expect(error).toMatchObject({ errorName: 'NETWORK', isRetriable: true });
    expect(`${error.stack} ${error.cause}`).toContain('CredentialsError');
    expect(`${error.stack} ${error.cause}`).not.toContain('hunter2');
  });
});

describe('GSSAPI', () => {
  const config = {
    'sasl.mechanism': 'GSSAPI',
    'sasl.kerberos.service.name': 'kafka',
    'sasl.jaas.config':
      'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="/k.keytab" principal="me@R";',
  };
  const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

  /** Done when it was shown `lastChallenge`; unwraps and wraps by taking off and putting on a `w`. */
  function kerberos(lastChallenge: string) {
    const initialized: unknown[] = [];
    const fake: Kerberos = {
      GSS_C_MUTUAL_FLAG: 2,
      GSS_C_SEQUENCE_FLAG: 8,
      GSS_MECH_OID_KRB5: 9,
      async initializeClient(service, options) {
        initialized.push({ service, ...options });
        let isComplete = false;
        return {
          get contextComplete() {
            return isComplete;
          },
          async step(challenge) {
            isComplete = challenge === base64(lastChallenge) && challenge !== '';
            return isComplete ? '' : base64('request');
          },
          wrap: async (message) => base64(`w${Buffer.from(message, 'base64').toString('hex')}`),
          unwrap: async (message) => base64(Buffer.from(message, 'base64').subarray(1)),
        };
      },
    };
    // A CommonJS package shows its exports as the default one.
    return { initialized, load: async () => ({ default: fake }) };
  }

  it('exchanges tokens, then declines a security layer', async () => {
    const { initialized, load } = kerberos('reply');
    const environment: NodeJS.ProcessEnv = {};
    const { asked, request } = broker('reply', 'w\u0007\u0000\u0010\u0000', '');
    await saslFor(config, { load, environment }).authenticate('broker.example:9092', request);
    expect(asked).toEqual(['GSSAPI', 'request', '', 'w01000000']);
    expect(initialized).toEqual([
      { service: 'kafka@broker.example', flags: 10, mechOID: 9, principal: 'me@R' },
    ]);
    expect(environment).toEqual({
      KRB5_CLIENT_KTNAME: '/k.keytab',
      KRB5CCNAME: 'MEMORY:tributary',
    });
  });

  it('does not speak through a security layer, nor step without end', async () => {
    const { load } = kerberos('reply');
    const layered = broker('reply', 'w\u0006\u0000\u0010\u0000');
    await expect(saslFor(config, { load }).authenticate('a:1', layered.request)).rejects.toThrow(
      /a:1 by GSSAPI: the broker wants a security layer/,
    );
    const endless = broker(...Array.from({ length: 20 }, () => 'more'));
    await expect(saslFor(config, { load }).authenticate('a:1', endless.request)).rejects.toThrow(
      /no agreement in 8 steps/,
    );
  });

  it('refuses a second key table in one process', () => {
    const environment: NodeJS.ProcessEnv = {};
    saslFor(config, { environment });
    saslFor(config, { environment });
    const other = config['sasl.jaas.config'].replace('/k.keytab', '/other.keytab');
    expect(() => saslFor({ ...config, 'sasl.jaas.config': other }, { environment })).toThrow(
      /KRB5_CLIENT_KTNAME "\/k\.keytab".*task host of its own/,
    );
  });

  it.each([
    [{ 'sasl.kerberos.service.name': '' }, /sasl\.kerberos\.service\.name/],
    [
      {
        'sasl.jaas.config':
          'com.sun.security.auth.module.Krb5LoginModule required serviceName="other";',
      },
      /"kafka" conflicts with serviceName="other"/,
    ],
  ])('refuses %o', (changes, says) => {
    const given = { ...config, ...(changes as Record<string, string>) };
    expect(() => saslFor(given, {})).toThrow(says);
  });

  it('says which package it needs', async () => {
    await expect(saslFor(config, {}).authenticate('a:1', broker().request)).rejects.toMatchObject({
      errorName: 'INVALID_CONFIG',
      message: expect.stringContaining('npm install kerberos'),
    });
  });
});
