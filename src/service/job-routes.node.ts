import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { acceptJob } from './accept-job.node.js';
import { cancelJob, removeJob, viewJob } from './job-control.node.js';
import { familyFiles, isOnePicture } from './job-family.js';
import { isEnded, jobListSchema, jobSchema, refusalSchema, type Job, type Problem } from './job.js';
import type { StoredJob } from './job-store.js';
import { followJob } from './job-events.node.js';
import { mediaType } from './job-output.node.js';
import { noSuchJob, RequestRefusal } from './request-refusal.js';
import type { Service } from './service.node.js';

const jobParams = z.object({ id: z.string().max(100) });
const tags = ['jobs'];
const refusals = { '4xx': refusalSchema, '5xx': refusalSchema } as const;

/** What a list may be asked for. */
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .describe('`next` of the page before'),
});

/** The routes of jobs: accept, show, follow, fetch the result, cancel, delete, list. */
export function jobRoutes(untyped: FastifyInstance, service: Service): void {
  const app = untyped.withTypeProvider<ZodTypeProvider>();
  const { store, files, limits } = service;

  const ownJob = async (request: FastifyRequest, id: string): Promise<StoredJob> => {
    const job = await store.get(id);
    if (job === undefined || job.owner !== request.owner) throw noSuchJob(id);
    return job;
  };
  const shown = (job: StoredJob): Promise<Job> => viewJob(service, job);

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
        .send(await shown(job));
    },
  );

  app.get(
    '/jobs',
    {
      schema: {
        ...{ tags, operationId: 'listJobs', summary: 'List jobs, the newest first' },
        querystring: pageQuery,
        response: { 200: jobListSchema, ...refusals },
      },
    },
    async (request) => {
      const { jobs, next = null } = await store.list(request.owner, request.query);
      return { jobs: await Promise.all(jobs.map(shown)), next };
    },
  );

  app.get(
    '/jobs/:id/children',
    {
      schema: {
        ...{ tags, operationId: 'listChildren' },
        summary: 'List the jobs of the photographs of a job, in their order',
        params: jobParams,
        querystring: pageQuery,
        response: { 200: jobListSchema, ...refusals },
      },
    },
    async (request) => {
      const { id } = await ownJob(request, request.params.id);
      const { limit, after = '0' } = request.query;
      const children = await store.children(id);
      const end = Number(after) + limit;
      const page = children.slice(Number(after), end);
      return {
        jobs: await Promise.all(page.map(shown)),
        next: end < children.length ? String(end) : null,
      };
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
      const job = await ownJob(request, request.params.id);
      followJob(service, job, request, reply);
    },
  );

  /** Where a file of a result is: that of several photographs has the files of each. */
  const storedFile = async (
    job: StoredJob,
    name: string,
  ): Promise<{ readonly job: string; readonly stored: string } | undefined> => {
    if (job.children === undefined) {
      const isKnown = job.result?.files.some((file) => file.name === name);
      return isKnown === true ? { job: job.id, stored: name } : undefined;
    }
    return familyFiles(await store.children(job.id)).find((file) => file.name === name);
  };

  const sendFile = async (job: StoredJob, name: string, reply: FastifyReply): Promise<FastifyReply> => {
    const found = await storedFile(job, name);
    const file = found && (await files.read(found.job, found.stored));
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
      .header('content-disposition', dispositionOf(name))
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
      const { result, children, error } = await shown(job);
      if (result === null) throw noResult(job, error);
      const [file, ...others] = result.files;
      const isOne = children === null || isOnePicture(await store.children(job.id));
      return isOne && file !== undefined && others.length === 0 ? sendFile(job, file.name, reply) : result;
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
      const { result, error } = await shown(job);
      if (result === null) throw noResult(job, error);
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
      const job = await cancelJob(service, id, limits.keepSeconds);
      if (job === undefined) throw noSuchJob(id);
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
      const { id, parent } = await ownJob(request, request.params.id);
      if (parent !== undefined) {
        throw new RequestRefusal(
          409,
          'E_CONFLICT',
          `The job ${JSON.stringify(id)} is a part of the job ${JSON.stringify(parent)}.`,
          'Delete that one, or cancel this one.',
        );
      }
      await removeJob(service, id);
      return reply.status(204).send(null);
    },
  );
}

/** Shown by a browser, and saved under the last part of a name, as RFC 5987 writes it. */
function dispositionOf(name: string): string {
  const encoded = encodeURIComponent(name.replace(/^.*\//, ''));
  // These have a meaning there and none in addresses.
  const escaped = encoded.replace(/['()*!]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return `inline; filename*=UTF-8''${escaped}`;
}

const noResult = ({ status }: StoredJob, error: Problem | null): RequestRefusal =>
  new RequestRefusal(
    isEnded(status) ? 404 : 409,
    isEnded(status) ? 'E_NOT_FOUND' : 'E_CONFLICT',
    `The job is ${status} and has no result.`,
    error === null ? 'Wait until it is done.' : `${error.message} ${error.remedy}`,
  );
