import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { roundOf, type Added, type JobRequest } from './job-store.js';
import type { Problem } from './job.js';
import { filmParts } from './film-flow.js';
import { pictureParts } from './picture-flow.js';
import { RequestRefusal, statusOf } from './request-refusal.js';
import type { Service } from './service.node.js';
import { receiveUpload, type Upload } from './upload.node.js';
import type { WorkerAnswer } from './worker-messages.js';

/** What a client may name a request by, to send it again without doing it twice. */
const keyPattern = /^[\x21-\x7e]{1,200}$/;

/** @throws RequestRefusal where a worker has found something wrong */
export function refuseProblem({ code, message, remedy }: Problem): never {
  throw new RequestRefusal(statusOf(code), code as never, message, remedy);
}

/** What a worker has found in what was sent. */
type Checked = Omit<Extract<WorkerAnswer, { type: 'checked' }>, 'type'>;

/**
 * Receives the pictures of a request, looks whether they are pictures, and hands them over. Whatever goes wrong, nothing is left
 * of them.
 * @param mayDivide whether it is worth asking how its picture can be divided
 */
export async function withUpload<Result>(
  { files, limits, pool }: Service,
  request: FastifyRequest,
  use: (id: string, upload: Upload, folder: string, checked: Checked) => Promise<Result>,
  mayDivide = false,
): Promise<Result> {
  const id = randomUUID();
  const upload = await receiveUpload(request, id, files, limits);
  try {
    const folder = await files.checkOut(id);
    const { film, children, request: asked } = upload;
    const isDivided = mayDivide && film === undefined && children.length === 0;
    const divided = isDivided && upload.method.division !== undefined ? asked : undefined;
    const checked = await pool.check(folder, upload.files, { film, divided });
    if (checked.type === 'failed') refuseProblem(checked.problem);
    return await use(id, upload, folder, checked.type === 'checked' ? checked : {});
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
  const accept = async (id: string, upload: Upload, checked: Checked) => {
    const parts = partsOf(upload, checked, limits);
    const all = { owner, created: Date.now(), fingerprint: upload.fingerprint };
    const key = idempotencyKey === undefined ? undefined : String(idempotencyKey);
    const job = { ...all, id, request: upload.request, idempotencyKey: key };
    const children = parts.map((one) => ({
      ...{ ...all, id: randomUUID(), request: one, idempotencyKey: undefined, parent: id },
      round: roundOf(one),
    }));
    const found = await store.add(job, limits.queue, children);
    // A picture that has no room in parts may have some as a whole.
    const isWhole = found.kind === 'full' && checked.division !== undefined && children.length > 0;
    const added = isWhole ? await store.add(job, limits.queue) : found;
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
  };
  const mayDivide = Number.isFinite(limits.partPixels);
  return withUpload(service, request, (id, upload, _, checked) => accept(id, upload, checked), mayDivide);
}

/** The requests of the jobs that a request consists of; none where it is one. */
function partsOf(
  { film, children, request }: Upload,
  { frames, division }: Checked,
  { segmentFrames, partPixels, photographs, queue }: Service['limits'],
): readonly JobRequest[] {
  const most = Math.min(photographs, queue - 1);
  if (film !== undefined) return filmParts(request, frames, { least: segmentFrames, most });
  if (division === undefined) return children;
  return pictureParts(request, division, { pixels: partPixels, most });
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
