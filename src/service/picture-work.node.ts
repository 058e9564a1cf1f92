import { basename, dirname, join } from 'node:path';
import type { Session } from '../api/session.js';
import { StyleError } from '../errors.js';
import { readImageSize } from '../images/codec.node.js';
import type { Size } from '../images/image.js';
import { findByName } from '../jobs/find-by-name.js';
import { joinParts } from '../jobs/run-picture-part.node.js';
import type { PictureDivision } from '../methods/division.js';
import { methods } from '../methods/index.js';
import { describeFiles } from './job-output.node.js';
import type { JobResult } from './job.js';
import type { WorkerRequest } from './worker-messages.js';

type Check = Extract<WorkerRequest, { type: 'check' }>;
type Assemble = Extract<WorkerRequest, { type: 'assemble' }>;

/** What the file of a part is called in its job's folder. */
export const partName = 'part.safetensors';

/** How a request's picture can be divided; undefined where it can't be, or where its network is not there, which its job tells of. */
export async function divisionOf(
  { folder, divided: request, maxPixels }: Check,
  session: Session,
): Promise<PictureDivision | undefined> {
  if (request === undefined) return undefined;
  const method = findByName('method', methods, request.method);
  const sizes: Record<string, Size | Size[]> = {};
  for (const { name, several } of method.roles) {
    const found: Size[] = [];
    for (const picture of request.pictures[name] ?? []) {
      const size =
        'file' in picture ? await readImageSize(join(folder, picture.file), { maxPixels }) : undefined;
      if (size !== undefined) found.push(size);
    }
    if (found.length > 0) sizes[name] = several === true ? found : found[0]!;
  }
  const counts = Object.fromEntries(
    Object.entries(request.pictures).map(([role, { length }]) => [role, length]),
  );
  try {
    const prepared = await session.prepare(method, request.options, counts, request.network);
    const found = prepared.division(sizes);
    // A message has room for numbers, not for what paints.
    return found && { width: found.width, height: found.height, tiles: found.tiles, rounds: found.rounds };
  } catch (error) {
    if (error instanceof StyleError) return undefined;
    throw error;
  }
}

/** Joins the painted parts of a picture. @throws StyleError `E_OUTPUT` */
export async function assemblePicture({ output, parts }: Assemble): Promise<JobResult> {
  await joinParts(output, parts);
  const files = await describeFiles(dirname(output), [basename(output)]);
  return { stopped: 'finished', files, numbers: {} };
}
