import type { ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { clientError } from '../../errors.ts';
import { fs } from '../../node-modules.ts';
import { createTls, type TlsSettings } from '../tls.ts';
import { type AccessToken, readAccessToken } from './access-token.ts';
import { requireAllowedUrl } from './allowed-resources.ts';
import { type AssertionSettings, assertionMaker } from './assertion.ts';
import type { PostForm } from './post-form.ts';
import { requestToken, type TokenForm } from './token-request.ts';
import { unsecuredToken } from './unsecured-token.ts';

export interface TokenSourceSettings extends AssertionSettings {
  readonly 'sasl.login.callback.handler.class': string;
  readonly 'sasl.login.connect.timeout.ms': number;
  readonly 'sasl.login.read.timeout.ms': number;
  readonly 'sasl.login.retry.backoff.ms': number;
  readonly 'sasl.login.retry.backoff.max.ms': number;
  readonly 'sasl.oauthbearer.client.credentials.client.id': string;
  readonly 'sasl.oauthbearer.client.credentials.client.secret': string;
  readonly 'sasl.oauthbearer.header.urlencode': boolean;
  readonly 'sasl.oauthbearer.jwt.retriever.class': string;
  readonly 'sasl.oauthbearer.scope': string;
  readonly 'sasl.oauthbearer.scope.claim.name': string;
  readonly 'sasl.oauthbearer.sub.claim.name': string;
  readonly 'sasl.oauthbearer.token.endpoint.url': string;
}

export interface TokenSourceDeps {
  readonly environment: NodeJS.ProcessEnv;
  readonly post: PostForm;
  readonly now: () => number;
}

/** Gets a new token, each time it is called. The signal, of the client, ends that. */
export type TokenSource = (signal?: AbortSignal) => Promise<AccessToken>;

const endpointKey = 'sasl.oauthbearer.token.endpoint.url';
const extensionPrefix = 'extension_';
const jwtBearerGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const clientAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** As the keys say: unsecured, from a file, or from a provider's token endpoint. Throws INVALID_CONFIG. Source: Kafka `OAuthBearerLoginCallbackHandler`, `DefaultJwtRetriever`. */
export function createTokenSource(
  settings: TokenSourceSettings,
  options: Readonly<Record<string, string>>,
  deps: TokenSourceDeps,
): TokenSource {
  const endpoint = settings[endpointKey];
  const isFromProvider = settings['sasl.login.callback.handler.class'] !== '' || endpoint !== '';
  if (!isFromProvider) {
    // Tried at once, so that what is wrong is said when the client is made.
    unsecuredToken(options, deps.now());
    return async () => unsecuredToken(options, deps.now());
  }
  const url = urlOf(endpoint);
  requireAllowedUrl(endpointKey, endpoint, deps.environment);
  const retriever = settings['sasl.oauthbearer.jwt.retriever.class'].split('.').at(-1) ?? '';
  const isFile =
    retriever === 'FileJwtRetriever' ||
    (retriever === 'DefaultJwtRetriever' && url.protocol === 'file:');
  if (isFile !== (url.protocol === 'file:')) {
    throw wrong(endpointKey, `${retriever} does not take a ${url.protocol} URL`);
  }
  const retrieve = isFile ? () => readToken(url) : tokenEndpoint(url, settings, options, deps);
  const claimNames = {
    scope: settings['sasl.oauthbearer.scope.claim.name'],
    subject: settings['sasl.oauthbearer.sub.claim.name'],
  };
  const extensions = extensionsOf(options);
  return async (signal) => readAccessToken(await retrieve(signal), claimNames, extensions);
}

function urlOf(text: string): URL {
  if (text === '') throw wrong(endpointKey, 'a URL is needed');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ['http:', 'https:', 'file:'].includes(url.protocol)) return url;
  throw wrong(endpointKey, 'it is no http, https or file URL');
}

async function readToken(url: URL): Promise<string> {
  const path = fileURLToPath(url);
  try {
    return fs().readFileSync(path, 'utf8').trim();
  } catch (error) {
    // A file that is being replaced will be there.
    throw clientError(
      'NETWORK',
      `Access token "${path}" cannot be read: ${(error as Error).message}`,
    );
  }
}

function tokenEndpoint(
  url: URL,
  settings: TokenSourceSettings,
  options: Readonly<Record<string, string>>,
  deps: TokenSourceDeps,
): (signal?: AbortSignal) => Promise<string> {
  const secret =
    settings['sasl.oauthbearer.client.credentials.client.secret'] ||
    (options['clientSecret'] ?? '');
  const makeForm = formMaker(settings, options, secret, deps);
  const endpoint = {
    url,
    tls: tlsOf(url, options),
    connectTimeoutMs: settings['sasl.login.connect.timeout.ms'],
    readTimeoutMs: settings['sasl.login.read.timeout.ms'],
    retryBackoffMs: settings['sasl.login.retry.backoff.ms'],
    retryBackoffMaxMs: settings['sasl.login.retry.backoff.max.ms'],
  };
  return (signal) => requestToken(endpoint, makeForm, [secret], deps, signal);
}

/** Client secret, an assertion in its place, or the JWT bearer grant. */
function formMaker(
  settings: TokenSourceSettings,
  options: Readonly<Record<string, string>>,
  secret: string,
  { environment, now }: TokenSourceDeps,
): () => TokenForm {
  const idKey = 'sasl.oauthbearer.client.credentials.client.id';
  const clientId = (settings[idKey] || (options['clientId'] ?? '')).trim();
  const scope = (settings['sasl.oauthbearer.scope'] || (options['scope'] ?? '')).trim();
  const isBearer =
    settings['sasl.oauthbearer.jwt.retriever.class'].endsWith('JwtBearerJwtRetriever');
  const hasAssertion =
    settings['sasl.oauthbearer.assertion.file'] !== '' ||
    settings['sasl.oauthbearer.assertion.claim.iss'] !== '';
  if (isBearer || hasAssertion) {
    const makeAssertion = assertionMaker(settings, environment);
    return () => {
      const assertion = makeAssertion(now());
      const fields: Record<string, string> = isBearer
        ? { grant_type: jwtBearerGrant, assertion }
        : {
            client_assertion_type: clientAssertionType,
            client_assertion: assertion,
            grant_type: 'client_credentials',
            ...(clientId === '' ? {} : { client_id: clientId }),
          };
      const body = new URLSearchParams({ ...fields, ...(scope === '' ? {} : { scope }) });
      return { headers: {}, body: body.toString() };
    };
  }
  if (clientId === '') throw wrong(idKey, 'a client id is needed, here or as clientId in JAAS');
  if (secret === '') {
    const key = 'sasl.oauthbearer.client.credentials.client.secret';
    throw wrong(key, 'a client secret is needed, here or as clientSecret in JAAS');
  }
  // Java sends them as they are unless told otherwise, and some providers want that.
  const encode = settings['sasl.oauthbearer.header.urlencode']
    ? formEncode
    : (text: string): string => text;
  const credentials = `${encode(clientId)}:${encode(secret.trim())}`;
  const headers = { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  const wanted = scope === '' ? '' : `&scope=${encode(scope)}`;
  return () => ({ headers, body: `grant_type=client_credentials${wanted}` });
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function extensionsOf(options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => name.startsWith(extensionPrefix))
      .map(([name, value]) => [name.slice(extensionPrefix.length), value]),
  );
}

/** The endpoint's certificate is judged by what JAAS says of `ssl.*`, else by what Node trusts. */
function tlsOf(url: URL, options: Readonly<Record<string, string>>): ConnectionOptions {
  const isConfigured = Object.keys(options).some((name) => name.startsWith('ssl.'));
  if (url.protocol !== 'https:' || !isConfigured) return {};
  const text = (key: string, fallback = ''): string => options[key] ?? fallback;
  const list = (key: string, fallback: string): string[] =>
    text(key, fallback)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const settings: TlsSettings = {
    'ssl.truststore.type': text('ssl.truststore.type', 'JKS'),
    'ssl.truststore.location': text('ssl.truststore.location'),
    'ssl.truststore.password': text('ssl.truststore.password'),
    'ssl.truststore.certificates': text('ssl.truststore.certificates'),
    'ssl.keystore.type': text('ssl.keystore.type', 'JKS'),
    'ssl.keystore.location': text('ssl.keystore.location'),
    'ssl.keystore.password': text('ssl.keystore.password'),
    'ssl.keystore.certificate.chain': text('ssl.keystore.certificate.chain'),
    'ssl.keystore.key': text('ssl.keystore.key'),
    'ssl.key.password': text('ssl.key.password'),
    'ssl.cipher.suites': list('ssl.cipher.suites', ''),
    'ssl.protocol': text('ssl.protocol', 'TLSv1.3'),
    'ssl.enabled.protocols': list('ssl.enabled.protocols', 'TLSv1.2,TLSv1.3'),
    'ssl.endpoint.identification.algorithm': text('ssl.endpoint.identification.algorithm', 'https'),
  };
  return createTls(settings)(url.hostname);
}

function wrong(key: string, why: string): Error {
  return clientError('INVALID_CONFIG', `Invalid configuration ${key}: ${why}`);
}
