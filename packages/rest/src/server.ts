/**
 * SPINE of the REST API: bind, then routes in the order of the API reference, then error mapping.
 * Source: Kafka Connect `RestServer`, `ConnectRestServer`.
 */
import type { Herder, Logger } from '@tributary/runtime';
import { ConfigError } from '@tributary/sdk';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { formatAccess } from './access-log.ts';
import { isBadPath, pathOf } from './bad-path.ts';
import { type Authenticate, createAuthenticator } from './basic-auth/basic-auth.ts';
import { createCors } from './cors.ts';
import { printJson } from './entities/json.ts';
import { HttpError, isLoggable, mapError, maxBodyBytes } from './error-mapping.ts';
import { headerValue, parseHeaderRules } from './header-rules.ts';
import { type ListenerTls, readListenerTls } from './listener-tls.ts';
import { advertise, bindListener, closeListener, parseListener } from './listeners.ts';
import { chooseAnswerType, jsonType, judgeContentType } from './negotiation.ts';
import { connectorPluginsRoutes } from './routes/connector-plugins.ts';
import { connectorStateRoutes } from './routes/connector-state.ts';
import { connectorsRoutes } from './routes/connectors.ts';
import { healthRoutes } from './routes/health.ts';
import { type Loggers, loggersRoutes } from './routes/loggers.ts';
import { offsetsRoutes } from './routes/offsets.ts';
import { rootRoutes } from './routes/root.ts';
import type { RouteContext } from './routes/route-context.ts';
import { tasksRoutes } from './routes/tasks.ts';
import { topicsRoutes } from './routes/topics.ts';

export interface RestServerOptions {
  /** `http://host:port` or `https://host:port`; an empty host is all interfaces, port 0 one that is free. */
  readonly listeners: readonly string[];
  /** Worker keys: `access.control.*`, `response.http.headers.config`, `admin.listeners`, `rest.advertised.*`, `rest.extension.classes`, `ssl.*`, `listeners.https.*`, `admin.listeners.https.*`. */
  readonly config: Readonly<Record<string, string>>;
  /** For KAFKA_OPTS, which name the login configuration file. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** How long a call may wait for the herder. */
  readonly requestTimeoutMs?: number;
}

export interface RestServer {
  readonly urls: readonly string[];
  readonly adminUrls: readonly string[];
  readonly advertisedUrl: string;
  /** `host:port` of the advertised URL. */
  readonly workerId: string;
  /** Until then every request is answered with 404. */
  serve(herder: Herder, loggers: Loggers): void;
  /** Takes no more connections, waits up to 60 s for the answers under way. */
  close(): Promise<void>;
}

const drainTimeoutMs = 60_000;

/** Binds the ports, so that the worker id is known before there is a herder. */
export async function bindRestServer(options: RestServerOptions): Promise<RestServer> {
  const { config, requestTimeoutMs = 90_000 } = options;
  const logger = options.logger.child({ name: 'org.apache.kafka.connect.runtime.rest.RestServer' });
  const listeners = options.listeners.map(parseListener);
  if (listeners.length === 0) {
    throw new ConfigError(
      'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    );
  }
  const adminListeners = splitUrls(config['admin.listeners']);
  const { environment } = options;
  const authenticate = createAuthenticator(config, { environment, logger });
  const served: { herder?: Herder; loggers?: Loggers } = {};
  const context: RouteContext = {
    herder: () => served.herder as Herder,
    loggers: () => served.loggers as Loggers,
    logger,
    requestTimeoutMs,
  };
  const state = { isServing: () => served.herder !== undefined, isClosing: false };

  const app = createApp(logger, state);
  addHeaderFilters(app, config);
  addMainRoutes(app, context);
  if (adminListeners === null) loggersRoutes(app, context);
  addErrorMapping(app, logger, state);
  if (authenticate !== null) addAuthentication(app, authenticate);
  const adminApp = createApp(logger, state);
  loggersRoutes(adminApp, context);
  addErrorMapping(adminApp, logger, state);
  await Promise.all([app.ready(), adminApp.ready()]);

  const bound: Awaited<ReturnType<typeof bindListener>>[] = [];
  const close = async (): Promise<void> => {
    state.isClosing = true;
    await Promise.all(bound.map(({ server }) => closeListener(server, drainTimeoutMs)));
    await Promise.all([app.close(), adminApp.close()]);
  };
  try {
    const tls = (): ListenerTls => readListenerTls(config, 'listeners.https.');
    for (const listener of listeners) bound.push(await bindListener(listener, app.routing, tls));
    const adminTls = (): ListenerTls => readListenerTls(config, 'admin.listeners.https.');
    for (const text of adminListeners ?? []) {
      bound.push(await bindListener(parseListener(text), adminApp.routing, adminTls));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const urls = bound.slice(0, listeners.length).map(({ url }) => url);
  const adminUrls = bound.slice(listeners.length).map(({ url }) => url);
  const advertisedUrl = advertise(config, urls);
  const places = bound.map(({ listensOn }) => listensOn);
  const mainPlaces = places.slice(0, listeners.length).join(', ');
  logger.info(`REST server listening at ${mainPlaces}, advertising URL ${advertisedUrl}/`);
  if (adminUrls.length > 0) {
    logger.info(`REST admin endpoints at ${places.slice(listeners.length).join(', ')}`);
  }
  return {
    urls,
    adminUrls,
    advertisedUrl,
    workerId: advertisedUrl.replace(/^\w+:\/\//, ''),
    serve(herder, loggers) {
      Object.assign(served, { herder, loggers });
      logger.info('REST resources initialized; server is started and ready to handle requests');
    },
    async close() {
      logger.info('Stopping REST server');
      await close();
      logger.info('REST server stopped');
    },
  };
}

/** In the order of the API reference. */
function addMainRoutes(app: FastifyInstance, context: RouteContext): void {
  rootRoutes(app, context);
  healthRoutes(app, context);
  connectorsRoutes(app, context);
  connectorStateRoutes(app, context);
  tasksRoutes(app, context);
  topicsRoutes(app, context);
  offsetsRoutes(app, context);
  connectorPluginsRoutes(app, context);
}

interface ServerState {
  isServing(): boolean;
  isClosing: boolean;
}

/** Refused paths are routed to one that no client can send, so that headers and logs are as for any other. */
const badPath = '/ refused';

function createApp(logger: Logger, state: ServerState): FastifyInstance {
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16 * 1024 },
    rewriteUrl: ({ url = '/' }) => (isBadPath(url) ? badPath : url),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRoute', ({ method, url, config }) => {
    if (isGenerated(config)) return;
    const methods = methodsOf(app, url);
    for (const one of [method].flat()) methods.add(one);
  });
  app.addHook('onRequest', async (_request, reply) => {
    if (state.isClosing) reply.header('Connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    logger.info(formatAccess(request, reply, new Date()));
  });
  return app;
}

/** CORS and `response.http.headers.config`; not on admin listeners of their own. */
function addHeaderFilters(app: FastifyInstance, config: Readonly<Record<string, string>>): void {
  const cors = createCors(config);
  const rules = parseHeaderRules(config['response.http.headers.config']);
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    const requestedMethod = headers['access-control-request-method'];
    if (cors !== null) reply.headers(cors({ method, origin: headers.origin, requestedMethod }));
    for (const rule of rules) {
      const value = headerValue(rule, Date.now());
      if (rule.action.startsWith('set')) reply.raw.setHeader(rule.name, value);
      else reply.raw.appendHeader(rule.name, value);
    }
  });
}

/** Everything that is not the answer of a route: other methods, refused types, unknown paths, errors. */
function addErrorMapping(app: FastifyInstance, logger: Logger, state: ServerState): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!state.isServing()) return sendPage(request, reply, 404, 'Not Found');
    if (request.is404 || isGenerated(request.routeOptions.config)) return;
    return negotiate(request, reply);
  });
  // A JSON error that was raised before a resource was chosen has no Content-Type.
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode >= 400 && !chosen.has(request) && !pages.has(request)) {
      reply.removeHeader('content-type');
    }
  });
  app.addHook('preHandler', async (request) => {
    request.body ??= new Uint8Array();
  });
  answerOtherMethods(app);
  app.setNotFoundHandler((request, reply) => {
    if (request.url === badPath) return sendPage(request, reply, 400, 'Bad Request');
    throw new HttpError(404);
  });
  app.setErrorHandler((error, request, reply) => {
    const answer = mapError(error);
    const cause = isLoggable(error) ? error : undefined;
    logger.error(`Uncaught exception in REST call to ${pathOf(request.originalUrl)}`, cause);
    const body = Buffer.from(printJson(answer));
    return reply.code(answer.error_code).header('content-type', jsonType).send(body);
  });
}

/** Paths, methods and media types are refused first, as in Java; admin listeners of their own ask nobody. */
function addAuthentication(app: FastifyInstance, authenticate: Authenticate): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, routeOptions, headers } = request;
    const isOptions = method === 'OPTIONS' && isGenerated(routeOptions.config);
    if (!isOptions && !chosen.has(request)) return;
    if (isSigned(request) || authenticate(headers.authorization)) return;
    chosen.add(request);
    reply.code(401).header('content-type', isOptions ? 'text/plain' : jsonType);
    return reply.send(Buffer.from('User cannot access the resource.'));
  });
}

/** What workers ask each other; they sign it. */
function isSigned({ method, routeOptions: { url } }: FastifyRequest): boolean {
  return (
    (method === 'POST' && url === '/connectors/:connector/tasks') ||
    (method === 'PUT' && url === '/connectors/:connector/fence')
  );
}

/** Requests whose method, path and types led to a resource. */
const chosen = new WeakSet<FastifyRequest>();
/** Requests answered with a page of the HTTP server. */
const pages = new WeakSet<FastifyRequest>();

/** Root and health take any type; the others JSON or none. */
function negotiate(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const contentType = request.headers['content-type'];
  const judged = contentType === undefined ? 'json' : judgeContentType(contentType);
  if (judged === 'unparsable') return reply.code(400).send();
  const takesAny = request.routeOptions.url === '/' || request.routeOptions.url === '/health';
  if (judged === 'other' && !takesAny) throw new HttpError(415);
  const answerType = chooseAnswerType(request.headers.accept);
  if (answerType === null) throw new HttpError(406);
  chosen.add(request);
  reply.header('content-type', answerType);
  const hasBody =
    request.headers['transfer-encoding'] !== undefined ||
    (request.headers['content-length'] ?? '0') !== '0';
  if (
    hasBody &&
    contentType === undefined &&
    bodyReaders.has(request.method) &&
    !isCommand(request)
  ) {
    throw new HttpError(415);
  }
  return undefined;
}

const bodyReaders = new Set(['POST', 'PUT', 'PATCH']);

/** Takes no body: what is sent is not read. */
function isCommand({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return /\/(pause|resume|stop|restart|reset|fence)$/.test(url);
}

function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  title: string,
): FastifyReply {
  pages.add(request);
  reply.code(status);
  if (request.method !== 'GET') return reply.send();
  const head = `<head><title>Error ${status} ${title}</title></head>`;
  return reply
    .header('content-type', 'text/html;charset=iso-8859-1')
    .send(`<html>${head}<body><h2>HTTP ERROR ${status} ${title}</h2></body></html>\n`);
}

/** Every path answers OPTIONS with its methods, and with 405 the methods that it has not. */
function answerOtherMethods(app: FastifyInstance): void {
  const config = { isGenerated: true };
  for (const [url, methods] of methodsByApp.get(app) ?? []) {
    const allow = [...methods].sort().join(',');
    const others = app.supportedMethods.filter((method) => !methods.has(method));
    app.route({
      method: 'OPTIONS',
      url,
      config,
      handler: (request, reply) => {
        chosen.add(request);
        return reply.header('Content-Type', jsonType).header('Allow', allow).send(Buffer.alloc(0));
      },
    });
    app.route({ method: others, url, config, onRequest: refuseMethod, handler: refuseMethod });
  }
}

const methodsByApp = new WeakMap<FastifyInstance, Map<string, Set<string>>>();

function methodsOf(app: FastifyInstance, url: string): Set<string> {
  const byUrl = methodsByApp.get(app) ?? new Map<string, Set<string>>();
  methodsByApp.set(app, byUrl);
  const methods = byUrl.get(url) ?? new Set(['OPTIONS']);
  byUrl.set(url, methods);
  return methods;
}

function isGenerated(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'isGenerated' in config;
}

async function refuseMethod(): Promise<never> {
  throw new HttpError(405);
}

/** Null when the key is not there: the main listeners serve the admin endpoints too. */
function splitUrls(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
