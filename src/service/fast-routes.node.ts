import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { argumentError } from '../errors.js';
import { refuseProblem, withUpload } from './accept-job.node.js';
import { mediaType } from './job-output.node.js';
import { RequestRefusal } from './request-refusal.js';
import type { Service } from './service.node.js';

/** The route for methods that need one pass: it answers with the result itself, and keeps nothing. */
export function fastRoutes(app: FastifyInstance, service: Service): void {
  const { files, pool } = service;
  app.post(
    '/fast',
    {
      schema: {
        ...{ tags: ['fast'], operationId: 'runFast', consumes: ['multipart/form-data'] },
        summary: 'Do a method that needs one pass, and answer with its result',
      },
    },
    (request, reply) =>
      withUpload(service, request, async (id, { method, request: asked, children, film }, folder) => {
        if (film !== undefined) {
          throw argumentError(
            method.roles[0]!.name,
            'A film takes more than one pass.',
            'Hand it in as a job.',
          );
        }
        if (children.length > 0) {
          throw argumentError(
            method.roles[0]!.name,
            `There are ${children.length} photographs, and there is one answer.`,
            'Hand them in as a job, or send a request for each.',
          );
        }
        const settings = method.resolve(asked.options, countsOf(asked.pictures)) as object;
        if (method.stepwise?.(settings) === true) {
          throw argumentError(
            'method',
            `The method ${method.name} goes step by step with these options.`,
            'Hand it in as a job, or choose a method that needs one pass, such as stylize with {"fast": true}.',
          );
        }
        if (method.output.kind === 'folder') {
          throw argumentError(
            'method',
            `The method ${method.name} gives several files, and there is one answer.`,
            'Hand it in as a job.',
          );
        }
        const controller = new AbortController();
        reply.raw.once('close', () => controller.abort());
        const answer = await pool.runNow(folder, asked, controller.signal);
        if (answer.type === 'failed') refuseProblem(answer.problem);
        if (answer.type !== 'finished') {
          throw new RequestRefusal(503, 'E_WORKER', 'The work was stopped.', 'Send it again.', 1);
        }
        const { result } = answer;
        const [file] = result.files;
        if (file === undefined) {
          await files.remove(id);
          return reply.send(result);
        }
        await files.checkIn(id, [file.name]);
        const { bytes, content } = (await files.read(id, file.name))!;
        const stream = Readable.from(content).once('close', () => void files.remove(id));
        return reply
          .header('content-type', mediaType(file.name))
          .header('content-length', bytes)
          .send(stream);
      }),
  );
}

const countsOf = (pictures: Readonly<Record<string, readonly unknown[]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(pictures).map(([role, { length }]) => [role, length]));
