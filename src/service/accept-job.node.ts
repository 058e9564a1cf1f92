import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { joinsFilm, type Added } from './job-store.js';
import type { Problem } from './job.js';
import { filmParts } from './film-flow.js';
import { RequestRefusal, statusOf } from './request-refusal.js';
import type { Service } from './service.node.js';
import { receiveUpload, type Upload } from './upload.node.js';

/** What a client may name a request by, to send it again without doing it twice. */
const keyPattern = /^[\x21-\x7e]{1,200}$/;

/** @throws RequestRefusal where a worker has found something wrong */
export function refuseProblem({ code, message, remedy }: Problem): never {
  throw new RequestRefusal(statusOf(code), code as never, message, remedy);
}

/**
 * Receives the pictures of a request, looks whether they are pictures, and hands them over. Whatever goes wrong, nothing is left
 * of them.
 */
export async function withUpload<Result>(
  { files, limits, pool }: Service,
  request: FastifyRequest,
  use: (id: string, upload: Upload, folder: string, frames: number | undefined) => Promise<Result>,
): Promise<Result> {
  const id = randomUUID();
  const upload = await receiveUpload(request, id, files, limits);
  try {
    const folder = await files.checkOut(id);
    const checked = await pool.check(folder, upload.files, upload.film);
    if (checked.type === 'failed') refuseProblem(checked.problem);
    return await use(id, upload, folder, checked.type === 'checked' ? checked.frames : undefined);
  } catch (error) {
    await files.remove(id);
    throw error;
  } finally {
    await files.leave(id);
  }
}

/**
 * Accepts a job: when this returns, it is stored.
 * @throws StyleError with what keeps it from being accepted; nothing is stored then
 */
export async function acceptJob(
  service: Service,
  request: FastifyRequest,
  owner: string,
): Promise<Exclude<Added, { kind: 'full' }>> {
  const { store, files, feed, limits } = service;
  const idempotencyKey = request.headers['idempotency-key'];
  if (idempotencyKey !== undefined && !keyPattern.test(String(idempotencyKey))) {
    throw new RequestRefusal(
      400,
      'E_ARGUMENT',
      'The idempotency key is no text of 1 to 200 printable characters.',
      'Send another one, such as a UUID.',
    );
  }
  // Before all of it was sent for nothing.
  if (idempotencyKey === undefined && (await store.counts()).queued >= limits.queue) throw queueFull(limits);
  return withUpload(service, request, async (id, upload, _, frames) => {
    const { film } = upload;
    const room = { least: limits.segmentFrames, most: Math.min(limits.photographs, limits.queue - 1) };
    const parts = film === undefined ? upload.children : filmParts(upload.request, frames, room);
    const all = { owner, created: Date.now(), fingerprint: upload.fingerprint };
    const key = idempotencyKey === undefined ? undefined : String(idempotencyKey);
    const job = { ...all, id, request: upload.request, idempotencyKey: key };
    const children = parts.map((one) => ({
      ...{ ...all, id: randomUUID(), request: one, idempotencyKey: undefined, parent: id },
      round: joinsFilm(one) ? 1 : 0,
    }));
    const added = await store.add(job, limits.queue, children);
    if (added.kind === 'full') throw queueFull(limits, children.length);
    if (added.kind === 'known') {
      await files.remove(id);
      if (added.job.fingerprint !== upload.fingerprint) {
        throw new RequestRefusal(
          409,
          'E_CONFLICT',
          `The idempotency key ${JSON.stringify(idempotencyKey)} was used for another request.`,
          'Send another key.',
        );
      }
      return added;
    }
    feed.signal({ type: 'added' });
    return added;
  });
}

/** @param parts how many jobs the request is, where they are several */
function queueFull({ queue }: Service['limits'], parts = 0): RequestRefusal {
  if (parts > queue) {
    return new RequestRefusal(
      413,
      'E_LIMIT',
      `The request is ${parts} jobs, and ${queue} may be in the queue.`,
      queue > 1 ? `Send at most ${queue} photographs in a request.` : 'Send a request for each photograph.',
    );
  }
  const message =
    parts > 0
      ? `The queue has no room for ${parts} jobs: ${queue} are allowed in it.`
      : `There are ${queue} jobs in the queue, and no more are allowed.`;
  return new RequestRefusal(503, 'E_LIMIT', message, 'Try again later.', 30);
}
