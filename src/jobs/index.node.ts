import { methods } from '../methods/index.js';
import type { AnyMethod } from '../methods/method.js';
import type { FilesPlan, FilesRequest, FilesResult } from './files-request.js';
import { findByName } from './find-by-name.js';
import { planFiles as planMethodFiles } from './plan-files.node.js';
import { runFiles as runMethodFiles } from './run-files.node.js';

/**
 * Applies a method to files. Everything that can be checked is checked before the long computation begins; the network,
 * the pictures that all results share and the compiled graphs are made once. Where there are several results, one that
 * fails is reported and the others are done all the same.
 * @param method one of `methods`, or its name
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
export const runFiles = async (method: AnyMethod | string, request: FilesRequest): Promise<FilesResult> =>
  runMethodFiles(findByName('method', methods, method), request);

/**
 * What files will take, in memory and time, without doing them: the memory is computed from the graphs, the time from
 * their operations and a few steps at a small size. Writes nothing.
 * @param method one of `methods`, or its name
 * @throws StyleError for what can't be read or used; whether the results can be written is not tried
 * @example
 * ```ts
 * import { planFiles } from 'pastiche';
 *
 * const { files } = await planFiles('stylize', { pictures: { content: 'photo.jpg', styles: 'painting.jpg' }, output: 'out.png' });
 * console.log(files[0]?.plan.memoryBytes, files[0]?.seconds);
 * ```
 */
export const planFiles = async (method: AnyMethod | string, request: FilesRequest): Promise<FilesPlan> =>
  planMethodFiles(findByName('method', methods, method), request);
