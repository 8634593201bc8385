import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** What the endpoint does with a request; `token` answers as a provider does. */
type Respond = (request: TokenRequest, response: ServerResponse, token: () => void) => void;

export interface TokenEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: TokenRequest[];
  /** For the broker. */
  readonly jwks: string;
  respond: Respond;
  /** Of the tokens that are given from now on. */
  claims: Record<string, unknown>;
  lifetimeSeconds: number;
  sign(claims: Record<string, unknown>): string;
}

/** A provider of signed tokens on 127.0.0.1, with TLS where it is given a certificate. */
export async function startTokenEndpoint(tls?: {
  readonly key: string;
  readonly cert: string;
}): Promise<TokenEndpoint> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  const endpoint: TokenEndpoint = {
    url: '',
    requests: [],
    jwks: JSON.stringify({
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }],
    }),
    respond: (_request, _response, token) => token(),
    claims: { sub: 'alice', aud: 'kafka', scope: 'produce consume' },
    lifetimeSeconds: 3600,
    sign(claims) {
      const content = [{ alg: 'RS256', kid: 'k1', typ: 'JWT' }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url');
      return `${content}.${signature}`;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization } = request.headers;
      const asked = { authorization, form: new URLSearchParams(Buffer.concat(chunks).toString()) };
      endpoint.requests.push(asked);
      endpoint.respond(asked, response, () => {
        const now = Math.floor(Date.now() / 1000);
        const claims = { iat: now, exp: now + endpoint.lifetimeSeconds, ...endpoint.claims };
        response.end(JSON.stringify({ access_token: endpoint.sign(claims), token_type: 'Bearer' }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(endpoint, {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/token`,
  });
}

/** The claims of a JWT, when its signature is that of the key. */
export function verifiedClaims(token: string, publicKeyPem: string): Record<string, unknown> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const isGenuine = createVerify('RSA-SHA256')
    .update(`${header}.${payload}`)
    .verify(publicKeyPem, signature, 'base64url');
  if (!isGenuine) throw new Error('the signature is wrong');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}
