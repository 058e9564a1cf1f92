import { dirname } from 'node:path';
import { Session } from '../api/session.js';
import { isAbortError } from '../abort.js';
import { StyleError } from '../errors.js';
import { SharedPictures } from '../jobs/shared-pictures.node.js';
import { namedNetworks } from './named-networks.node.js';
import { problemOf } from './problem.js';
import { checkFilm, joinFilm } from './film-work.node.js';
import { assemblePicture, divisionOf } from './picture-work.node.js';
import { checkPictures, runJob, withoutPaths } from './run-job.node.js';
import type { WorkerAnswer, WorkerEvent, WorkerRequest, WorkerStop } from './worker-messages.js';

/*
 * The program of a worker: does what its parent asks for, one thing after the other, with networks that are loaded once. It ends
 * with its parent, however that ends.
 */

/** Milliseconds between two reports of the memory that it takes. */
const memoryPause = 500;

const session = new Session(namedNetworks, { threads: Number(process.env['PASTICHE_WORKER_THREADS'] ?? 1) });
const shared = new SharedPictures();
let stop: AbortController | undefined;

const tell = (message: WorkerEvent | WorkerAnswer): void => void process.send?.(message);

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  stop = new AbortController();
  try {
    if (request.type === 'check') {
      await checkPictures(request);
      const frames = await checkFilm(request);
      return { type: 'checked', frames, division: await divisionOf(request, session) };
    }
    if (request.type === 'assemble') return { type: 'finished', result: await assemblePicture(request) };
    if (request.type === 'join') return { type: 'finished', result: await joinFilm(request) };
    return { type: 'finished', result: await runJob(request, session, shared, stop, tell) };
  } catch (error) {
    if (isAbortError(error)) return { type: 'stopped' };
    if (!(error instanceof StyleError)) process.stderr.write(`${String((error as Error).stack ?? error)}\n`);
    return {
      type: 'failed',
      problem: problemOf(error instanceof StyleError ? withNames(request, error) : error),
    };
  } finally {
    stop = undefined;
  }
}

/** An error without what is nobody's business: where files lie. */
function withNames(request: WorkerRequest, error: StyleError): StyleError {
  if (request.type === 'run') return withRoleNames(request, error);
  if (request.type === 'join') {
    const paths = [request.source, request.output, ...request.segments.map(({ path }) => path)];
    return paths.reduce((known, path) => withoutPaths(known, dirname(path), []), error);
  }
  if (request.type === 'assemble')
    return [request.output, ...request.parts].reduce(
      (known, path) => withoutPaths(known, dirname(path), []),
      error,
    );
  const { film, folder } = request;
  return film === undefined ? error : withoutPaths(error, folder, [{ file: film.file, name: 'the film' }]);
}

function withRoleNames(
  { folder, pictureFolder, request }: Extract<WorkerRequest, { type: 'run' }>,
  error: StyleError,
): StyleError {
  const files = Object.entries(request.pictures).flatMap(([role, pictures]) =>
    pictures.flatMap((picture) =>
      'file' in picture ? [{ file: picture.file, name: picture.name ?? role }] : [],
    ),
  );
  return withoutPaths(withoutPaths(error, pictureFolder, files), folder, []);
}

process.on('message', (message: WorkerRequest | WorkerStop) => {
  if (message.type === 'stop') stop?.abort();
  else void answer(message).then(tell);
});
process.on('disconnect', () => process.exit());
// Signals of a terminal go to all of a group; the parent says when this one is to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
setInterval(() => tell({ type: 'memory', bytes: process.memoryUsage.rss() }), memoryPause).unref();
