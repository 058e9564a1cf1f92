import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Session } from '../api/session.js';
import { StyleError } from '../errors.js';
import { encodeImage, readImageSize, readRaster } from '../images/codec.node.js';
import { shrinkImage } from '../images/resize.js';
import type { FilesRequest, FilesResult } from '../jobs/files-request.js';
import { findByName } from '../jobs/find-by-name.js';
import { runPart } from '../jobs/run-files.node.js';
import type { SegmentOutcome } from '../jobs/run-film.node.js';
import { runPicturePart } from '../jobs/run-picture-part.node.js';
import type { SharedPictures } from '../jobs/shared-pictures.node.js';
import { methods } from '../methods/index.js';
import type { IterationProgress, Progress } from '../methods/progress.js';
import { replaceFile } from '../replace-file.node.js';
import { describeFiles, outputFiles, outputName, stateName } from './job-output.node.js';
import type { JobProgress, JobResult } from './job.js';
import { filmSegment, pictureTask } from './job-store.js';
import { partName } from './picture-work.node.js';
import type { WorkerEvent, WorkerRequest } from './worker-messages.js';

type Run = Extract<WorkerRequest, { type: 'run' }>;
type Check = Extract<WorkerRequest, { type: 'check' }>;

/** The long side of a preview in pixels. */
const previewSide = 256;
/** Milliseconds between two events of progress, and between two previews. */
const [progressPause, previewPause] = [200, 2000];

/** Where a job's state is, beside its result. */
const stateFile = ({ folder }: Run): string => join(folder, stateName);

/**
 * Does a job in its folder, from its last state where it has one.
 * @param shared pictures of the job before, which the next photograph of the same request has as well
 * @param tell told of what happens on the way
 * @returns what came of it; its files are written
 * @throws StyleError as the method does; AbortError when it was stopped before it had a result
 */
export async function runJob(
  run: Run,
  session: Session,
  shared: SharedPictures,
  stop: AbortController,
  tell: (event: WorkerEvent) => void,
): Promise<JobResult> {
  const { folder, request, maxPixels, memoryLimit } = run;
  if (!run.isOneOfSeveral) shared.forget();
  const method = findByName('method', methods, request.method);
  const task = pictureTask(request);
  const output = outputName(method, request.suffix);
  const files: FilesRequest = {
    session,
    maxPixels,
    memoryLimit,
    pictures: picturesOf(run),
    options: request.options,
    network: request.network,
    output: output && join(folder, output),
    signal: stop.signal,
    onProgress: follower(run, stop, tell),
  };
  if (task !== undefined) {
    if (run.stopAtOnce) stop.abort();
    const target = { output: join(folder, partName), suffix: request.suffix };
    await runPicturePart(method, files, { ...task, before: run.before ?? [] }, target, shared);
    return { stopped: 'finished', files: await describeFiles(folder, [partName]), numbers: {} };
  }
  const state = stateFile(run);
  const keeper = run.isOneOfSeveral ? shared : undefined;
  const segment = filmSegment(request);
  const start = (resume: string | undefined): Promise<FilesResult> =>
    runPart(method, { ...files, resume }, { shared: keeper, segment });
  const { results } = await withState(state, start, tell);
  const { outcome } = results[0]!;
  const written = await describeFiles(folder, outputFiles(method, request.suffix));
  // What joining a segment needs to know of it.
  const recorded = segment === undefined ? method.record?.(outcome) : (outcome as SegmentOutcome).times;
  const numbers = (recorded ?? {}) as Record<string, unknown>;
  return { stopped: outcome.stopped, files: written, numbers: JSON.parse(JSON.stringify(numbers)) as never };
}

/** Runs from a state where there is one; from the beginning where it can't be used, as after an update of the program. */
async function withState<Result>(
  path: string,
  use: (resume: string | undefined) => Promise<Result>,
  tell: (event: WorkerEvent) => void,
): Promise<Result> {
  if (!existsSync(path)) return use(undefined);
  try {
    return await use(path);
  } catch (error) {
    if (!(error instanceof StyleError) || error.code !== 'E_STATE') throw error;
    await rm(path, { force: true });
    tell({ type: 'progress', progress: { done: 0 } });
    return use(undefined);
  }
}

/** Paths and words by role. */
function picturesOf({ pictureFolder, request }: Run): Record<string, string[]> {
  const entries = Object.entries(request.pictures).map(([role, pictures]) => [
    role,
    pictures.map((picture) => ('word' in picture ? picture.word : join(pictureFolder, picture.file))),
  ]);
  return Object.fromEntries(entries) as Record<string, string[]>;
}

/** Saves states and makes previews now and then, and tells of the progress. */
function follower(
  run: Run,
  stop: AbortController,
  tell: (event: WorkerEvent) => void,
): (event: Progress) => Promise<void> {
  // The first step is shown and told of, however young this process is.
  let [saved, shown, told] = [performance.now(), -Infinity, -Infinity];
  const step = async (event: IterationProgress): Promise<void> => {
    // Of a job that is to stop there is something to keep now.
    if (run.stopAtOnce) stop.abort();
    const now = performance.now();
    if (now - saved >= run.saveEverySeconds * 1000) {
      saved = now;
      await replaceFile(stateFile(run), event.state());
      tell({ type: 'saved' });
    }
    if (now - shown < previewPause) return;
    shown = now;
    const image = await encodeImage(shrinkImage(event.image(), previewSide), 'jpeg', { quality: 75 });
    tell({ type: 'preview', image });
  };
  return async (event) => {
    const progress = progressOf(event);
    const isLast = progress?.done === 1;
    if (progress !== undefined && (isLast || performance.now() - told >= progressPause)) {
      told = performance.now();
      tell({ type: 'progress', progress });
    }
    if (event.type === 'iteration') await step(event);
  };
}

function progressOf(event: Progress): JobProgress | undefined {
  if (event.type === 'part') return { done: event.done };
  if (event.type === 'frame') return { done: Math.min(1, event.frame / (event.frames ?? Infinity)) };
  if (event.type !== 'iteration') return undefined;
  const { iteration, iterations } = event;
  return { done: Math.min(1, iteration / iterations), iteration, iterations };
}

/**
 * Reads files as pictures, to the end of each.
 * @throws StyleError `E_IMAGE_DECODE` or `E_IMAGE_SIZE` for the first that is none, or a larger one
 */
export async function checkPictures({ folder, files, maxPixels }: Check): Promise<void> {
  for (const { file, name } of files) {
    try {
      await readImageSize(join(folder, file), { maxPixels });
      await readRaster(join(folder, file), { maxPixels });
    } catch (error) {
      throw error instanceof StyleError ? withoutPaths(error, folder, [{ file, name }]) : error;
    }
  }
}

/** An error that calls files by what they are for: where they lie is nobody's business. */
export function withoutPaths(error: StyleError, folder: string, files: Check['files']): StyleError {
  const { code, option } = error;
  const rename = (text: string): string => {
    const named = files.reduce(
      (renamed, { file, name }) => renamed.replaceAll(join(folder, file), name),
      text,
    );
    return named.replaceAll(`${folder}/`, '').replaceAll(folder, basename(folder));
  };
  return new StyleError(code, rename(error.message), rename(error.remedy), option ? { option } : {});
}
