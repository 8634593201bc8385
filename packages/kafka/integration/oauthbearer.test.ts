import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApacheKafka,
  freePorts,
  missingForApacheKafka,
  requireOrSkip,
  startApacheKafka,
} from '@tributary/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  recordingLogger,
  sendAll,
} from './brokers.ts';
import { startTokenEndpoint, type TokenEndpoint, verifiedClaims } from './token-endpoint.ts';

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');
const javaPackage = 'org.apache.kafka.common.security.oauthbearer';
const secret = 'hunter2+/=';
const fixture = (name: string): string => new URL(`fixtures/tls/${name}`, import.meta.url).pathname;
const jaas = (options = ''): string => `${javaPackage}.OAuthBearerLoginModule required ${options};`;

describe.runIf(isAvailable)('by OAUTHBEARER, on Apache Kafka', () => {
  let folder: string;
  let endpoint: TokenEndpoint;
  let broker: ApacheKafka;
  let unsecured: { bootstrapServers: string };
  let signed: { bootstrapServers: string };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-oauth-'));
    endpoint = await startTokenEndpoint();
    const jwks = join(folder, 'jwks.json');
    await writeFile(jwks, endpoint.jwks);
    const ports = await freePorts(2);
    unsecured = { bootstrapServers: `127.0.0.1:${ports[0]}` };
    signed = { bootstrapServers: `127.0.0.1:${ports[1]}` };
    vi.stubEnv(
      'JAVA_TOOL_OPTIONS',
      `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${jwks}`,
    );
    broker = await startApacheKafka({
      listeners: `UNSECURED://${unsecured.bootstrapServers},SIGNED://${signed.bootstrapServers}`,
      'listener.security.protocol.map':
        'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,UNSECURED:SASL_PLAINTEXT,SIGNED:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'listener.name.unsecured.oauthbearer.sasl.jaas.config': jaas(
        'unsecuredLoginStringClaim_sub="broker" unsecuredValidatorRequiredScope="produce"',
      ),
      'listener.name.signed.oauthbearer.sasl.jaas.config': jaas(),
      'listener.name.signed.oauthbearer.sasl.server.callback.handler.class': `${javaPackage}.OAuthBearerValidatorCallbackHandler`,
      'sasl.oauthbearer.jwks.endpoint.url': `file://${jwks}`,
      'sasl.oauthbearer.expected.audience': 'kafka',
    });
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await broker?.[Symbol.asyncDispose]();
    await endpoint?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', endpoint.url);
    endpoint.requests.length = 0;
    endpoint.respond = (_request, _response, token) => token();
    endpoint.claims = { sub: 'alice', aud: 'kafka', scope: 'produce consume' };
    endpoint.lifetimeSeconds = 3600;
  });

  const bearer = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'OAUTHBEARER' };
  const fromProvider = (): Record<string, string> => ({
    ...bearer,
    'sasl.login.callback.handler.class': `${javaPackage}.OAuthBearerLoginCallbackHandler`,
    'sasl.oauthbearer.token.endpoint.url': endpoint.url,
    'sasl.jaas.config': jaas(`clientId="connect" clientSecret="${secret}" scope="produce consume"`),
    'sasl.login.retry.backoff.ms': '20',
    'sasl.login.retry.backoff.max.ms': '500',
    'default.api.timeout.ms': '15000',
  });

  async function roundTrip(
    where: { bootstrapServers: string },
    topic: string,
    config: Record<string, string>,
  ): Promise<void> {
    await using producer = producerFor(where, config);
    const sent = outcome();
    await sendAll(producer, [record(topic, 'hello')], sent);
    await producer.flush();
    expect(sent.errors).toEqual([]);
    await using consumer = consumerFor(where, { ...config, 'group.id': topic });
    consumer.subscribe([topic], quiet);
    expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['hello']);
  }

  /** How a call fails, and what of it is told. */
  async function failure(
    where: { bootstrapServers: string },
    config: Record<string, string>,
  ): Promise<{ error: { errorName: string; message: string }; told: string; tookMs: number }> {
    const logger = recordingLogger();
    const startedAt = Date.now();
    const error = await (async () => {
      await using admin = adminFor(where, config, logger);
      await admin.listTopics();
    })().then(
      () => Promise.reject(new Error('it did not fail')),
      (reason) => reason,
    );
    const told = `${error.stack} ${error.cause?.stack} ${JSON.stringify(error)} ${logger.lines}`;
    expect(told).not.toContain(secret);
    expect(told).not.toContain(Buffer.from(`connect:${secret}`).toString('base64'));
    expect(told).not.toMatch(/eyJ/);
    return { error, told, tookMs: Date.now() - startedAt };
  }

  it('takes tokens that nobody signed, with extensions, as the handler of Java makes them', async () => {
    await roundTrip(unsecured, 'unsecured', {
      ...bearer,
      'sasl.jaas.config': jaas(
        'unsecuredLoginStringClaim_sub="alice" unsecuredLoginListClaim_scope=",produce,consume" unsecuredLoginExtension_traceId="123"',
      ),
    });
    const { error, tookMs } = await failure(unsecured, {
      ...bearer,
      'sasl.jaas.config': jaas('unsecuredLoginStringClaim_sub="alice"'),
    });
    expect(error).toMatchObject({ errorName: 'SASL_AUTHENTICATION_FAILED', isRetriable: false });
    expect(error.message).toMatch(/as "alice".*insufficient_scope/);
    expect(tookMs).toBeLessThan(5000);
  });

  it('takes a token from a provider by client credentials, of JAAS and of the newer keys', async () => {
    await roundTrip(signed, 'signed-jaas', fromProvider());
    expect(endpoint.requests[0]?.authorization).toBe(
      `Basic ${Buffer.from(`connect:${secret}`).toString('base64')}`,
    );
    expect(Object.fromEntries(endpoint.requests[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'produce consume',
    });
    // One for the producer and one for the consumer, however many connections they have.
    expect(endpoint.requests).toHaveLength(2);
    await roundTrip(signed, 'signed-keys', {
      ...fromProvider(),
      'sasl.login.callback.handler.class': `${javaPackage}.secured.OAuthBearerLoginCallbackHandler`,
      'sasl.jaas.config': jaas('extension_traceId="1"'),
      'sasl.oauthbearer.client.credentials.client.id': 'key id',
      'sasl.oauthbearer.client.credentials.client.secret': secret,
      'sasl.oauthbearer.scope': 'produce',
      'sasl.oauthbearer.header.urlencode': 'true',
    });
    const encoded = Buffer.from('key+id:hunter2%2B%2F%3D').toString('base64');
    expect(endpoint.requests.at(-1)?.authorization).toBe(`Basic ${encoded}`);
  });

  it('reads a token from a file', async () => {
    const file = join(folder, 'token.jwt');
    const exp = Math.floor(Date.now() / 1000) + 600;
    await writeFile(
      file,
      `${endpoint.sign({ sub: 'filed', aud: 'kafka', exp, iat: exp - 700 })}\n`,
    );
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', `file://${file}`);
    await roundTrip(signed, 'signed-file', {
      ...fromProvider(),
      'sasl.oauthbearer.token.endpoint.url': `file://${file}`,
    });
    expect(endpoint.requests).toEqual([]);
  });

  it.for([
    {
      name: 'for the token (JWT bearer grant)',
      config: { 'sasl.oauthbearer.jwt.retriever.class': `${javaPackage}.JwtBearerJwtRetriever` },
      field: 'assertion',
      grant: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    },
    {
      name: 'in place of the client secret',
      config: {},
      field: 'client_assertion',
      grant: 'client_credentials',
    },
  ])('shows a signed assertion $name', async ({ config, field, grant }) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = join(folder, 'private.key');
    const passphrase = 'key-secret';
    const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    await writeFile(keyFile, privateKey.export(options));
    const template = join(folder, 'template.json');
    await writeFile(template, '{"header":{"kid":"k7"},"payload":{"tenant":"t"}}');
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_FILES', `${keyFile},${template}`);
    await roundTrip(signed, `assertion-${field}`, {
      ...fromProvider(),
      'sasl.jaas.config': jaas(),
      'sasl.oauthbearer.assertion.private.key.file': keyFile,
      'sasl.oauthbearer.assertion.private.key.passphrase': passphrase,
      'sasl.oauthbearer.assertion.template.file': template,
      'sasl.oauthbearer.assertion.claim.iss': 'me',
      'sasl.oauthbearer.assertion.claim.aud': 'provider',
      'sasl.oauthbearer.assertion.claim.jti.include': 'true',
      ...config,
    });
    const { form } = endpoint.requests[0] as { form: URLSearchParams };
    expect(form.get('grant_type')).toBe(grant);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(verifiedClaims(form.get(field) ?? '', pem)).toMatchObject({
      iss: 'me',
      aud: 'provider',
      tenant: 't',
      jti: expect.stringMatching(/./),
    });
  });

  it('judges the certificate of a provider by what JAAS says of ssl.*', async () => {
    const read = (name: string) => readFile(fixture(name), 'utf8');
    const certificate = { key: await read('server.key'), cert: await read('server.pem') };
    await using safe = await startTokenEndpoint(certificate);
    // Its tokens are not those that the broker knows: the other provider's are given.
    safe.sign = endpoint.sign;
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', safe.url);
    const config = (authority: string): Record<string, string> => ({
      ...fromProvider(),
      'sasl.oauthbearer.token.endpoint.url': safe.url,
      'sasl.jaas.config': jaas(
        `clientId="connect" clientSecret="${secret}" ssl.truststore.type="PEM" ssl.truststore.location="${fixture(authority)}"`,
      ),
      'default.api.timeout.ms': '2000',
    });
    await roundTrip(signed, 'signed-https', config('ca.pem'));
    const { error } = await failure(signed, config('other-ca.pem'));
    expect(error).toMatchObject({ errorName: 'SSL_AUTHENTICATION_FAILED', isRetriable: false });
    expect(error.message).toMatch(/Token endpoint 127\.0\.0\.1:\d+: .*certificate/);
    expect(safe.requests).toHaveLength(2);
  });

  it('says what the broker has against a token, at once', async () => {
    endpoint.claims = { sub: 'alice', aud: 'another' };
    const { error, tookMs } = await failure(signed, fromProvider());
    expect(error).toMatchObject({ errorName: 'SASL_AUTHENTICATION_FAILED', isRetriable: false });
    expect(error.message).toMatch(/OAUTHBEARER as "alice".*invalid_token/);
    expect(tookMs).toBeLessThan(5000);
  });

  it('asks again where the provider is in trouble, and gives up where it refuses', async () => {
    endpoint.respond = (_request, response, token) => {
      if (endpoint.requests.length < 3) response.writeHead(503).end('try later');
      else token();
    };
    await roundTrip(signed, 'provider-trouble', fromProvider());
    endpoint.requests.length = 0;
    endpoint.respond = (_request, response) => {
      const said = { error: 'invalid_client', error_description: `no such secret: ${secret}` };
      response.writeHead(401).end(JSON.stringify(said));
    };
    const { error, tookMs } = await failure(signed, fromProvider());
    expect(error).toMatchObject({ errorName: 'SASL_AUTHENTICATION_FAILED', isRetriable: false });
    expect(error.message).toMatch(/127\.0\.0\.1.*401.*invalid_client - no such secret: \[hidden\]/);
    expect(endpoint.requests).toHaveLength(1);
    expect(tookMs).toBeLessThan(5000);
  });

  it.for([
    { name: 'HTML', body: '<html>eyJhb</html>', says: /no JSON object/ },
    { name: 'JSON without a token', body: '{"token":"eyJhb"}', says: /without an access_token/ },
    { name: 'what is no JWT', body: '{"access_token":"eyJhb"}', says: /it has 1 parts/ },
    { name: 'claims that are no JSON', body: '{"access_token":"a.eyJhb.c"}', says: /no JSON/ },
  ])('gives up where the provider answers with $name', async ({ body, says }) => {
    endpoint.respond = (_request, response) => response.end(body);
    const { error } = await failure(signed, fromProvider());
    expect(error).toMatchObject({
      errorName: 'SASL_AUTHENTICATION_FAILED',
      message: expect.stringMatching(says),
    });
  });

  it.for([
    { name: 'does not answer', respond: () => {}, says: /no answer in 100 ms/ },
    {
      name: 'never ends its answer',
      respond: (_request: unknown, response: { write(text: string): void }) => {
        response.write('{');
      },
      says: /no answer in 100 ms/,
    },
    {
      name: 'answers without end',
      respond: (_request: unknown, response: { write(text: string): void }) => {
        for (let i = 0; i < 40; i++) response.write('x'.repeat(50_000));
      },
      says: /longer than 1048576 bytes|no answer/,
    },
  ])('does not wait for a provider that $name', async ({ respond, says }) => {
    endpoint.respond = respond as TokenEndpoint['respond'];
    const { error, tookMs } = await failure(signed, {
      ...fromProvider(),
      'sasl.login.read.timeout.ms': '100',
      'default.api.timeout.ms': '2000',
    });
    expect(error).toMatchObject({ errorName: 'NETWORK', message: expect.stringMatching(says) });
    expect(tookMs).toBeLessThan(8000);
  });

  it('calls no address and reads no file that the operator has not allowed', async () => {
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', 'https://elsewhere/token');
    const { error } = await failure(signed, fromProvider());
    expect(error.message).toMatch(/token\.endpoint\.url.*TRIBUTARY_OAUTHBEARER_ALLOWED_URLS/);
    vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', endpoint.url);
    const file = { 'sasl.oauthbearer.assertion.file': '/etc/passwd' };
    const refused = await failure(signed, { ...fromProvider(), ...file });
    expect(refused.error.message).toMatch(/assertion\.file.*TRIBUTARY_OAUTHBEARER_ALLOWED_FILES/);
    expect(endpoint.requests).toEqual([]);
  });

  it('replaces tokens and connections before they expire, and says nothing of it', async () => {
    endpoint.lifetimeSeconds = 3;
    const logger = recordingLogger();
    await using producer = producerFor(signed, fromProvider(), logger);
    const sent = [];
    for (const endsAt = Date.now() + 9000; Date.now() < endsAt; await sleep(50)) {
      const one = outcome();
      await sendAll(producer, [record('short-lived', 'x')], one);
      await producer.flush();
      sent.push(...one.errors);
    }
    expect(sent).toEqual([]);
    expect(endpoint.requests.length).toBeGreaterThan(2);
    expect(logger.lines.filter((line) => !/is created/.test(line))).toEqual([]);
  });
});
