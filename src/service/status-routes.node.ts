import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { packageVersion } from '../version.node.js';
import type { Service } from './service.node.js';

const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });
const readySchema = z
  .object({ ready: z.boolean(), queued: z.int(), running: z.int() })
  .meta({ id: 'Readiness' });
const tags = ['status'];

/** The routes that tell of the service itself. The first two need no key. */
export function statusRoutes(untyped: FastifyInstance, { store, metrics, limits }: Service): void {
  const app = untyped.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/health',
    {
      config: { isOpen: true },
      schema: {
        ...{ tags, operationId: 'health', summary: 'Whether the server answers' },
        response: { 200: healthSchema },
      },
    },
    () => ({ status: 'ok' as const, version: packageVersion }),
  );
  app.get(
    '/ready',
    {
      config: { isOpen: true },
      schema: {
        ...{ tags, operationId: 'ready', summary: 'Whether jobs are accepted' },
        response: { 200: readySchema, 503: readySchema },
      },
    },
    async (_, reply) => {
      const { queued, running } = await store.counts();
      const ready = queued < limits.queue;
      return reply.status(ready ? 200 : 503).send({ ready, queued, running });
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        ...{ tags, operationId: 'metrics', summary: 'Numbers for Prometheus', produces: ['text/plain'] },
      },
    },
    async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()),
  );
}
