import { nodePlatform } from '../api/platform.node.js';
import type { SpeedEstimate } from '../api/prepared-method.js';
import type { AnyMethod } from '../methods/method.js';
import { isFilm } from './film-pairs.js';
import { pairFiles } from './file-pairs.node.js';
import type { FilesPlan, FilesRequest, PlannedFile } from './files-request.js';
import { checkRoles } from './picture-files.node.js';
import { readAndPlan } from './run-file.node.js';
import { planFilm } from './run-film.node.js';
import { withSharedRun } from './shared-run.node.js';

/** See `planFiles` in `index.node.ts`. */
export async function planFiles(method: AnyMethod, given: FilesRequest): Promise<FilesPlan> {
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
      const { pictures, plan } = await readAndPlan(run, pair, Infinity);
      const fits = plan.memoryBytes <= availableBytes;
      if (speed === undefined && fits) speed = await run.prepared.measureSpeed(pictures, plan);
      files.push({ ...pair, plan, seconds: speed && speed.secondsOf(plan) });
    }
    const { operationsPerSecond } = speed ?? {};
    return { ...run.environment, batch: found.batch, files, availableBytes, operationsPerSecond };
  });
}
