import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { StyleError } from '../errors.js';
import { refuseForeignPages, requireKey } from './access.node.js';
import { fastRoutes } from './fast-routes.node.js';
import { endEvents } from './job-events.node.js';
import { jobRoutes } from './job-routes.node.js';
import { describeRoutes } from './openapi.node.js';
import { isolatePages } from './page-headers.node.js';
import { problemOf } from './problem.js';
import { RequestRefusal, statusOf, storageAway } from './request-refusal.js';
import type { Service } from './service.node.js';
import { statusRoutes } from './status-routes.node.js';

/** Who may use a server. */
export interface ServerSettings {
  /** Whether each request has to have an API key. */
  readonly needsKey: boolean;
  /** Origins of other sites whose pages may use the service; none unless given. */
  readonly origins?: readonly string[] | undefined;
  /** Pages to serve beside the routes, such as the studio's; they need no key. */
  readonly pages?: FastifyPluginAsync | undefined;
}

/** Milliseconds that a client may go on sending after it was refused, so that it reads the answer. */
const lingering = 1000;
/** Bytes of a body that is no form; no route takes one. */
const otherBody = 16_384;

/** The HTTP server of a service, which doesn't listen yet. */
export async function createServer(service: Service, settings: ServerSettings): Promise<FastifyInstance> {
  const { limits, metrics, keys, log } = service;
  const { needsKey, origins = [], pages } = settings;
  const app = fastify({
    loggerInstance: log,
    bodyLimit: otherBody,
    requestTimeout: (limits.uploadSeconds + 10) * 1000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseBytes,
    frameworkErrors: (error, _, reply) => answerError(error, reply),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: Error, _, reply) => answerError(error, reply));
  app.setNotFoundHandler((request) => {
    throw new RequestRefusal(
      404,
      'E_NOT_FOUND',
      `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
      'See the description at /openapi.json.',
    );
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(
      request.method,
      request.routeOptions.url ?? 'unknown',
      reply.statusCode,
      reply.elapsedTime / 1000,
    );
    if (request.raw.complete || request.raw.destroyed) return;
    request.raw.resume();
    setTimeout(() => request.raw.destroy(), lingering).unref();
  });
  app.addHook('preClose', async () => endEvents());
  refuseForeignPages(app, needsKey, origins);
  await isolatePages(app);
  if (origins.length > 0) await app.register(cors, { origin: [...origins] });
  await describeRoutes(app);
  await app.register(async (api) => {
    requireKey(api, keys, needsKey);
    await api.register(rateLimit, {
      max: limits.requestsPerMinute,
      timeWindow: 60_000,
      keyGenerator: ({ owner, ip }) => owner || ip,
      allowList: ({ routeOptions }) => routeOptions.config.isOpen === true,
      errorResponseBuilder: (_, { max, ttl }) =>
        new RequestRefusal(
          429,
          'E_LIMIT',
          `There were more than ${max} requests in a minute.`,
          'Try again later.',
          Math.ceil(ttl / 1000),
        ),
    });
    await api.register(multipart);
    jobRoutes(api, service);
    fastRoutes(api, service);
    statusRoutes(api, service);
    api.get('/openapi.json', { config: { isOpen: true }, schema: { hide: true } }, () => app.swagger());
  });
  if (pages !== undefined) await app.register(pages);
  return app;
}

/** Answers to what is no HTTP, and to requests that don't come to an end. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const refusal = isLate
    ? new StyleError('E_TIME', 'The request was not there in time.', 'Send it again.')
    : new StyleError('E_UPLOAD', 'The request is no HTTP that the service understands.', 'Send it again.');
  const body = JSON.stringify({ error: problemOf(refusal) });
  const status = isLate ? '408 Request Timeout' : '400 Bad Request';
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Answers with what is wrong, in one form. What is a defect of ours goes into the log and is not told. */
function answerError(
  error: Error & { readonly statusCode?: number; readonly validation?: unknown },
  reply: Parameters<Parameters<FastifyInstance['setErrorHandler']>[0]>[2],
): void {
  const known = error instanceof StyleError ? inPublic(error) : frameworkError(error);
  const status = known instanceof RequestRefusal ? known.status : known ? statusOf(known.code) : 500;
  if (status >= 500) reply.log.error({ err: error }, 'a request failed');
  if (known instanceof RequestRefusal && known.retryAfter !== undefined)
    void reply.header('retry-after', known.retryAfter);
  void reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send({ error: problemOf(known ?? error) });
}

/** An error without what is the operator's business. */
const inPublic = (error: StyleError): StyleError => (error.code === 'E_STORAGE' ? storageAway() : error);

/** What the framework refuses, in our words. */
function frameworkError({
  statusCode = 500,
  validation,
  message,
}: Error & { readonly statusCode?: number; readonly validation?: unknown }): RequestRefusal | undefined {
  if (validation !== undefined) {
    return new RequestRefusal(
      400,
      'E_ARGUMENT',
      `The request can't be used: ${message}.`,
      'See /openapi.json.',
    );
  }
  if (statusCode === 413) {
    return new RequestRefusal(
      413,
      'E_LIMIT',
      'The request is too large.',
      'Send less, as multipart/form-data.',
    );
  }
  if (statusCode < 400 || statusCode >= 500) return undefined;
  return new RequestRefusal(
    statusCode,
    'E_UPLOAD',
    'The request is not what the service takes.',
    'See /openapi.json.',
  );
}
