import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbortError } from '../abort.js';
import { argumentError, type StyleError } from '../errors.js';
import type { SegmentRequest } from '../films/film-segments.js';
import { checkWritable } from '../images/codec.node.js';
import { methods } from '../methods/index.js';
import type { AnyMethod } from '../methods/method.js';
import { checkReplaceable } from '../replace-file.node.js';
import { statePath } from './file-recorder.node.js';
import { findByName } from './find-by-name.js';
import { isFilm } from './film-pairs.js';
import { pairFiles, type FilePairs } from './file-pairs.node.js';
import { checkRoles } from './picture-files.node.js';
import { runFile } from './run-file.node.js';
import { checkFilmOutput, runFilm } from './run-film.node.js';
import type { FailedFile, FileResult, FilesRequest, FilesResult } from './files-request.js';
import type { SharedPictures } from './shared-pictures.node.js';
import { encodingOf, withSharedRun, type SharedRun } from './shared-run.node.js';

/**
 * Applies a method to files. Everything that can be checked is checked before the long computation begins; the network,
 * the pictures that all results share and the compiled graphs are made once. Where there are several results, one that
 * fails is reported and the others are done all the same.
 * @param named one of `methods`, or its name
 * @throws StyleError for what keeps everything from being done, and for a single result whatever keeps it from being done;
 * AbortError when the signal ends a single run before it has a result
 * @example
 * ```ts
 * import { runFiles } from 'pastiche';
 *
 * await runFiles('stylize', {
 *   pictures: { content: 'photos/', styles: 'painting.jpg' },
 *   output: 'painted/',
 *   options: { size: 96, iterations: 5 },
 * });
 * ```
 * @example
 * // A film, with `apply`: frame by frame with the ffmpeg of the machine. What is done when the signal ends it is kept and plays.
 * ```ts no-run
 * import { runFiles } from 'pastiche';
 *
 * const { results } = await runFiles('apply', {
 *   network: 'wave.onnx',
 *   pictures: { picture: 'film.mp4' },
 *   output: 'painted.mp4',
 *   options: { steady: true },
 *   signal: AbortSignal.timeout(600_000),
 *   onProgress: (event) => event.type === 'frame' && console.log(event.frame, 'of about', event.frames),
 * });
 * console.log(results[0]?.outcome.stopped); // 'finished' or 'cancelled'
 * ```
 */
export const runFiles = (named: AnyMethod | string, given: FilesRequest): Promise<FilesResult> =>
  runPart(named, given);

/** What a request has in common with others. */
export interface RequestPart {
  readonly shared?: SharedPictures | undefined;
  readonly segment?: SegmentRequest | undefined;
}

/**
 * The same for one of several requests that are parts of a whole.
 * @param part its `shared` keeps all pictures but the subject for the next one, where they are read anew otherwise; of a film `segment`
 * is what frames are done
 */
export async function runPart(
  named: AnyMethod | string,
  given: FilesRequest,
  { shared, segment }: RequestPart = {},
): Promise<FilesResult> {
  const started = performance.now();
  const method = findByName('method', methods, named);
  const request = checkRoles(method, given);
  const pairs = await pairFiles(method, request);
  try {
    await checkOutputs(method, request, pairs);
    const use = (run: SharedRun): Promise<FilesResult> => {
      checkSteps(method, request, run.prepared.settings);
      return runPairs(run, pairs, started, segment);
    };
    return await withSharedRun(method, request, pairs, use, shared);
  } finally {
    // Only if nothing was written into it.
    if (pairs.createdFolder !== undefined) await rmdir(pairs.createdFolder).catch(() => undefined);
  }
}

async function checkOutputs(
  method: AnyMethod,
  request: FilesRequest,
  { pairs, batch, createdFolder }: FilePairs,
): Promise<void> {
  const { saveEvery, trace, report, resume } = request;
  checkApplicable(method, request);
  if (saveEvery !== undefined && !(Number.isInteger(saveEvery) && saveEvery > 0)) {
    throw argumentError(
      'saveEvery',
      `Pictures can't be saved every ${saveEvery} iterations.`,
      'Give a whole number above 0.',
    );
  }
  if (batch) {
    const masks = method.roles.filter(({ ofSubject }) => ofSubject === true).map(({ name }) => name);
    const given = masks.map((name) => [name, request.pictures[name]] as const);
    for (const [option, value] of [...Object.entries({ trace, report, resume }), ...given]) {
      if (value === undefined) continue;
      throw argumentError(
        option,
        `The option ${option} is for one picture, and there are ${pairs.length}.`,
        `Leave ${option} out, or do the pictures one by one.`,
      );
    }
    return;
  }
  const { output } = pairs[0]!;
  if (output !== undefined && isFilm(method, pairs[0]!)) return checkFilmOutput(output, request);
  if (output !== undefined && method.output.kind === 'picture') {
    await checkWritable(output, encodingOf(request));
    if (saveEvery !== undefined) await checkReplaceable(statePath(output));
  }
  const names = method.output.kind === 'folder' && createdFolder === undefined ? method.output.names : [];
  const page = method.output.kind === 'page' ? output : undefined;
  for (const path of [trace, report, page, ...names.map((name) => join(output!, name))])
    if (path !== undefined) await checkReplaceable(path);
}

/** @throws StyleError `E_ARGUMENT` for what a method of this kind can't be asked for */
function checkApplicable(method: AnyMethod, request: FilesRequest): void {
  checkSteps(method, request);
  if (method.output.kind === 'picture' || request.report === undefined) return;
  throw notApplicable(`The method ${method.name} makes no picture`, 'report');
}

/** @throws StyleError `E_ARGUMENT` for what only a method that goes step by step can be asked for */
function checkSteps(
  { name, stepwise }: AnyMethod,
  { saveEvery, resume, trace }: FilesRequest,
  settings?: object,
): void {
  if (stepwise?.(settings) === true) return;
  for (const [option, value] of Object.entries({ saveEvery, resume, trace }))
    if (value !== undefined) throw notApplicable(`The method ${name} has no steps here`, option);
}

const notApplicable = (reason: string, option: string): StyleError =>
  argumentError(option, `${reason}: there is no option ${option}.`, 'Leave it out.');

async function runPairs(
  run: SharedRun,
  { pairs, batch }: FilePairs,
  started: number,
  segment?: SegmentRequest,
): Promise<FilesResult> {
  const { request } = run;
  const results: FileResult[] = [];
  const failures: FailedFile[] = [];
  const remaining: string[] = [];
  for (const [index, pair] of pairs.entries()) {
    const { input } = pair;
    if (batch && request.signal?.aborted === true) {
      remaining.push(input);
      continue;
    }
    try {
      const place = { index, count: pairs.length };
      const { output } = pair;
      const isFrames = output !== undefined && isFilm(run.method, pair);
      results.push(
        isFrames ? await runFilm(run, { input, output }, place, segment) : await runFile(run, pair, place),
      );
    } catch (error) {
      if (!batch || !(error instanceof Error)) throw error;
      if (isAbortError(error)) remaining.push(input);
      else {
        failures.push({ input, error });
        request.onProgress?.({ type: 'failed', input, error });
      }
    }
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...run.environment, batch, results, failures, remaining, seconds };
}
