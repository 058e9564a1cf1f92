import { join } from 'node:path';
import type { JobFiles } from './job-files.js';
import type { StoredJob } from './job-store.js';

/** Has the files of other jobs' results in folders of this machine, for as long as they are used. */
export async function withResultsOf<Result>(
  files: JobFiles,
  jobs: readonly StoredJob[],
  use: (pathOf: (job: StoredJob, name: string) => string) => Promise<Result>,
): Promise<Result> {
  const folders = new Map<string, string>();
  try {
    for (const { id, result } of jobs) {
      if (result === undefined) continue;
      const names = result.files.map(({ name }) => name);
      folders.set(id, await files.checkOut(id, names));
    }
    return await use(({ id }, name) => join(folders.get(id)!, name));
  } finally {
    for (const id of folders.keys()) await files.leave(id);
  }
}
