import { nodePlatform } from '../api/platform.node.js';
import type { SpeedEstimate } from '../api/prepared-method.js';
import { methods } from '../methods/index.js';
import type { AnyMethod } from '../methods/method.js';
import { isFilm } from './film-pairs.js';
import { findByName } from './find-by-name.js';
import { pairFiles } from './file-pairs.node.js';
import type { FilesPlan, FilesRequest, PlannedFile } from './files-request.js';
import { checkRoles } from './picture-files.node.js';
import { readAndPlan } from './run-file.node.js';
import { planFilm } from './run-film.node.js';
import { withSharedRun } from './shared-run.node.js';

/**
 * What files will take, in memory and time, without doing them: the memory is computed from the graphs, the time from
 * their operations and a few steps at a small size. Writes nothing.
 * @param named one of `methods`, or its name
 * @throws StyleError for what can't be read or used; whether the results can be written is not tried
 * @example
 * ```ts
 * import { planFiles } from 'pastiche';
 *
 * const { files } = await planFiles('stylize', { pictures: { content: 'photo.jpg', styles: 'painting.jpg' }, output: 'out.png' });
 * console.log(files[0]?.plan.memoryBytes, files[0]?.seconds);
 * ```
 */
export async function planFiles(named: AnyMethod | string, given: FilesRequest): Promise<FilesPlan> {
  const method = findByName('method', methods, named);
  const request = checkRoles(method, given);
  const found = await pairFiles(method, request, { createFolder: false });
  return withSharedRun(method, request, found, async (run) => {
    const availableBytes = request.memoryLimit ?? nodePlatform.availableMemory();
    const files: PlannedFile[] = [];
    let speed: SpeedEstimate | undefined;
    for (const pair of found.pairs) {
      if (isFilm(method, pair)) {
        files.push({ ...pair, plan: (await planFilm(run, pair.input)).plan, seconds: undefined });
        continue;
      }
      const { pictures, plan } = await readAndPlan(run, pair, availableBytes, false);
      const fits = plan.memoryBytes <= availableBytes;
      if (speed === undefined && fits) speed = await run.prepared.measureSpeed(pictures, plan);
      files.push({ ...pair, plan, seconds: speed && speed.secondsOf(plan) });
    }
    const { operationsPerSecond } = speed ?? {};
    return { ...run.environment, batch: found.batch, files, availableBytes, operationsPerSecond };
  });
}
