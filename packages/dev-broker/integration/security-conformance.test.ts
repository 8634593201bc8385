import { brokerKinds, type TestBroker } from '@tributary/testkit';
import {
  apiVersionsApi,
  metadataApi,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@tributary/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRaw, type RawClient } from './raw-client.ts';

/** The same keys make both brokers ask for a password on their one listener for clients. */
const config = {
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="right" user_alice="right" user_bob=\'b=;\';',
};

describe.for(await brokerKinds())('on $name', (kind) => {
  let broker: TestBroker;
  beforeAll(async () => {
    if (kind.isAvailable) broker = await kind.start(config);
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());

  async function connect(): Promise<RawClient & { readonly closed: Promise<unknown> }> {
    const client = await connectRaw(Number(broker.bootstrapServers.split(':')[1]));
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    return Object.assign(client, { closed });
  }
  const choose = (client: RawClient, mechanism = 'PLAIN') =>
    client.send(saslHandshakeApi, 1, { mechanism });
  const authenticate = (client: RawClient, token: string) =>
    client.send(saslAuthenticateApi, 2, { authBytes: Buffer.from(token) });

  it.runIf(kind.isAvailable).for([
    ['\0alice\0right', 0, ''],
    ['bob\0bob\0b=;', 0, ''],
    ['\0alice\0wrong', 58, 'Authentication failed: Invalid username or password'],
    ['\0nobody\0right', 58, 'Authentication failed: Invalid username or password'],
    ['\0alice\0', 58, /./],
    ['\0\0right', 58, /./],
    ['alice', 58, /./],
    ['\0alice\0right\0more', 58, /./],
    ['bob\0alice\0right', 58, /authorization id that is different from username/],
  ] as const)('answers the token %j with error %i', async ([token, errorCode, message]) => {
    using client = await connect();
    expect(await choose(client)).toEqual({ errorCode: 0, mechanisms: ['PLAIN'] });
    const answer = await authenticate(client, token);
    expect(answer.errorCode).toBe(errorCode);
    if (typeof message === 'string') expect(answer.errorMessage).toBe(message);
    else expect(answer.errorMessage).toMatch(message);
    if (errorCode !== 0) await client.closed;
    else expect((await client.send(metadataApi, 9, { topics: [] })).brokers).toHaveLength(1);
  });

  it.runIf(kind.isAvailable)('closes the connection behind a mechanism it lacks', async () => {
    using client = await connect();
    const answer = await choose(client, 'SCRAM-SHA-512');
    expect(answer).toEqual({ errorCode: 33, mechanisms: ['PLAIN'] });
    await client.closed;
  });

  it.runIf(kind.isAvailable)('closes the connection for what comes too early', async () => {
    using versionsAreFine = await connect();
    const offered = await versionsAreFine.send(apiVersionsApi, 0, {});
    expect(offered.errorCode).toBe(0);
    for (const early of [
      async (client: RawClient) => client.send(metadataApi, 9, { topics: [] }),
      async (client: RawClient) => authenticate(client, '\0alice\0right'),
    ]) {
      using client = await connect();
      await expect(early(client)).rejects.toThrow(/closed/);
    }
  });

  it.runIf(kind.isAvailable)('answers what comes in place of a token, and closes', async () => {
    using client = await connect();
    await choose(client);
    const { topics } = await client.send(metadataApi, 9, { topics: [{ name: 't' }] });
    expect(topics).toMatchObject([{ errorCode: 34, name: 't' }]);
    await client.closed;
  });

  it.runIf(kind.isAvailable)('refuses to begin again behind authentication', async () => {
    using client = await connect();
    await choose(client);
    await authenticate(client, '\0alice\0right');
    expect(await authenticate(client, '\0alice\0right')).toMatchObject({ errorCode: 34 });
    expect((await client.send(metadataApi, 9, { topics: [] })).brokers).toHaveLength(1);
  });
});
