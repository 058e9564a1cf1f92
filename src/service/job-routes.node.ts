import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { acceptJob } from './accept-job.node.js';
import { isEnded, jobListSchema, jobSchema, refusalSchema, type Job } from './job.js';
import { shownJob, type StoredJob } from './job-store.js';
import { followJob } from './job-events.node.js';
import { mediaType } from './job-output.node.js';
import { noSuchJob, RequestRefusal } from './request-refusal.js';
import type { Service } from './service.node.js';

const jobParams = z.object({ id: z.string().max(100) });
const tags = ['jobs'];
const refusals = { '4xx': refusalSchema, '5xx': refusalSchema } as const;

/** The routes of jobs: accept, show, follow, fetch the result, cancel, delete, list. */
export function jobRoutes(untyped: FastifyInstance, service: Service): void {
  const app = untyped.withTypeProvider<ZodTypeProvider>();
  const { store, files, feed, limits } = service;

  const ownJob = async (request: FastifyRequest, id: string): Promise<StoredJob> => {
    const job = await store.get(id);
    if (job === undefined || job.owner !== request.owner) throw noSuchJob(id);
    return job;
  };
  const shown = (job: StoredJob): Job => shownJob(job, feed.progress(job.id) ?? null);

  app.post(
    '/jobs',
    {
      schema: {
        ...{ tags, operationId: 'createJob', summary: 'Hand in a job', consumes: ['multipart/form-data'] },
        response: { 200: jobSchema, 201: jobSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { kind, job } = await acceptJob(service, request, request.owner);
      return reply
        .status(kind === 'added' ? 201 : 200)
        .header('location', `/jobs/${job.id}`)
        .send(shown(job));
    },
  );

  app.get(
    '/jobs',
    {
      schema: {
        ...{ tags, operationId: 'listJobs', summary: 'List jobs, the newest first' },
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(100).default(20),
          after: z
            .string()
            .regex(/^\d{1,15}$/)
            .optional()
            .describe('`next` of the page before'),
        }),
        response: { 200: jobListSchema, ...refusals },
      },
    },
    async (request) => {
      const { jobs, next = null } = await store.list(request.owner, request.query);
      return { jobs: jobs.map(shown), next };
    },
  );

  app.get(
    '/jobs/:id',
    {
      schema: {
        ...{ tags, operationId: 'getJob', summary: 'Where a job stands' },
        params: jobParams,
        response: { 200: jobSchema, ...refusals },
      },
    },
    async (request) => shown(await ownJob(request, request.params.id)),
  );

  app.get(
    '/jobs/:id/events',
    {
      schema: {
        ...{ tags, operationId: 'followJob', produces: ['text/event-stream'] },
        summary: 'What happens to a job, as server-sent events: job, progress, preview',
        params: jobParams,
      },
    },
    async (request, reply) => {
      const { id } = await ownJob(request, request.params.id);
      followJob(service, id, request, reply);
    },
  );

  const sendFile = async (job: StoredJob, name: string, reply: FastifyReply): Promise<FastifyReply> => {
    const known = job.result?.files.some((file) => file.name === name);
    const file = known === true ? await files.read(job.id, name) : undefined;
    if (file === undefined) {
      throw new RequestRefusal(
        404,
        'E_NOT_FOUND',
        `The job has no file ${JSON.stringify(name)}.`,
        'The job lists the files of its result.',
      );
    }
    return reply
      .header('content-type', mediaType(name))
      .header('content-length', file.bytes)
      .header('content-disposition', `inline; filename="${name.replace(/^.*\//, '')}"`)
      .send(Readable.from(file.content));
  };

  app.get(
    '/jobs/:id/result',
    {
      schema: {
        ...{ tags, operationId: 'getResult' },
        summary: "The result's file; of results that are several files or numbers, which they are",
        params: jobParams,
      },
    },
    async (request, reply) => {
      const job = await ownJob(request, request.params.id);
      if (job.result === undefined) throw noResult(job);
      const [file, ...others] = job.result.files;
      if (file !== undefined && others.length === 0) return sendFile(job, file.name, reply);
      return job.result;
    },
  );

  app.get(
    '/jobs/:id/result/:file',
    {
      schema: {
        ...{ tags, operationId: 'getResultFile', summary: 'A file of a result' },
        params: jobParams.extend({ file: z.string().max(200) }),
      },
    },
    async (request, reply) => {
      const job = await ownJob(request, request.params.id);
      if (job.result === undefined) throw noResult(job);
      return sendFile(job, request.params.file, reply);
    },
  );

  app.post(
    '/jobs/:id/cancel',
    {
      schema: {
        ...{ tags, operationId: 'cancelJob', summary: 'Stop a job; the best result so far is kept' },
        params: jobParams,
        response: { 200: jobSchema, ...refusals },
      },
    },
    async (request) => {
      const { id } = await ownJob(request, request.params.id);
      const finished = Date.now();
      const expires = finished + limits.keepSeconds * 1000;
      const job = await store.cancel(id, { status: 'cancelled', finished, expires });
      if (job === undefined) throw noSuchJob(id);
      if (job.status === 'running') feed.signal({ type: 'stop', job: id });
      else if (isEnded(job.status)) {
        feed.tell(id, { type: 'job', job: shown(job) });
        await files.keepOnly(
          id,
          (job.result?.files ?? []).map(({ name }) => name),
        );
      }
      return shown(job);
    },
  );

  app.delete(
    '/jobs/:id',
    {
      schema: {
        ...{
          tags,
          operationId: 'deleteJob',
          summary: 'Delete a job with its files; a running one is stopped',
        },
        params: jobParams,
        response: { 204: z.null(), ...refusals },
      },
    },
    async (request, reply) => {
      const { id, status } = await ownJob(request, request.params.id);
      await store.remove(id);
      // The runner removes the files of one that it works on, when it has stopped.
      if (status === 'running') feed.signal({ type: 'stop', job: id });
      else await files.remove(id);
      return reply.status(204).send(null);
    },
  );
}

const noResult = ({ status, error }: StoredJob): RequestRefusal =>
  new RequestRefusal(
    isEnded(status) ? 404 : 409,
    isEnded(status) ? 'E_NOT_FOUND' : 'E_CONFLICT',
    `The job is ${status} and has no result.`,
    error === undefined ? 'Wait until it is done.' : `${error.message} ${error.remedy}`,
  );
