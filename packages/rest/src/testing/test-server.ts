import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { bindRestServer } from '../server.ts';
import { fakeHerder, fakeLogger, fakeLoggers } from './fake-herder.ts';

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly herder: ReturnType<typeof fakeHerder>;
  readonly lines: string[];
  serve(): void;
  ask(method: string, path: string, body?: string, headers?: object): Promise<Answer>;
  create(name: string): Promise<void>;
  close(): Promise<void>;
}

/** REST on a free port over a fake herder, and what was logged. */
export async function startServer(
  options: {
    isServing?: boolean;
    requestTimeoutMs?: number;
    config?: Record<string, string>;
    environment?: NodeJS.ProcessEnv;
  } = {},
): Promise<TestServer> {
  const { isServing = true, config = {}, environment = {}, ...rest } = options;
  const lines: string[] = [];
  const logger = fakeLogger(lines);
  const listeners = ['http://127.0.0.1:0'];
  const server = await bindRestServer({ listeners, config, environment, logger, ...rest });
  const herder = fakeHerder();
  const serve = (): void => server.serve(herder, fakeLoggers());
  if (isServing) serve();
  const url = server.urls[0] ?? '';
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close();
    return closing;
  };
  return {
    url,
    adminUrl: server.adminUrls[0] ?? url,
    herder,
    lines,
    serve,
    ask: (method, path, body, headers = {}) => ask(url, method, path, body, headers),
    create: async (name) => {
      const options = { allowReplace: false, targetState: null };
      await herder.putConnectorConfig(name, { name }, options);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly json: unknown;
}

/** The path goes out as it is: `fetch` would tidy it up. A null body is announced and never sent. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body: string | null | undefined,
  headers: object,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const all = { ...type, ...headers };
  const request = httpRequest({ hostname, port, method, path, headers: all, agent: false });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  if (body === null) request.flushHeaders();
  else request.end(body);
  try {
    const [response] = await answered;
    // The server may cut a connection whose request it has refused.
    request.on('error', () => {});
    const text = await readText(response);
    return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
  } finally {
    request.destroy();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
