import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { outputError } from '../replace-file.node.js';
import type { ResultFile } from './job.js';
import type { JobFiles, StoredFile } from './job-files.js';

/** The files of jobs in a folder of the local disk, one folder for each job. A worker works in the job's own folder. */
export class DiskJobFiles implements JobFiles {
  private constructor(private readonly folder: string) {}

  /** @throws StyleError `E_OUTPUT` when the folder can't be made */
  static async open(folder: string): Promise<DiskJobFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw outputError(folder, cause);
    });
    // Workers have another working directory.
    return new DiskJobFiles(resolve(folder));
  }

  async save(job: string, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(await this.checkOut(job), name);
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const bytes of content) await handle.write(bytes);
      await handle.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }

  async read(job: string, name: string): Promise<StoredFile | undefined> {
    const path = join(this.folder, job, name);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() === true ? { bytes: found.size, content: createReadStream(path) } : undefined;
  }

  /** All of them are there. */
  async checkOut(job: string): Promise<string> {
    const path = join(this.folder, job);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  checkIn(): Promise<void> {
    return Promise.resolve();
  }

  /** Results are written whole and put in place by their worker, which ends with its lease. */
  publish(_: string, results: readonly ResultFile[]): Promise<readonly ResultFile[]> {
    return Promise.resolve(results);
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  async keepOnly(job: string, names: readonly string[]): Promise<void> {
    const folder = join(this.folder, job);
    // Of a job that nobody has begun there may be no folder.
    const found = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
    for (const entry of found) {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).replaceAll(sep, '/');
      if (entry.isFile() && !names.includes(name)) await rm(path, { force: true });
    }
  }

  async remove(job: string): Promise<void> {
    await rm(join(this.folder, job), { recursive: true, force: true, maxRetries: 3 });
  }

  async jobs(): Promise<readonly { readonly id: string; readonly changed: number }[]> {
    const found = (await readdir(this.folder)).map(async (id) => {
      const { mtimeMs } = await stat(join(this.folder, id)).catch(() => ({ mtimeMs: 0 }));
      return { id, changed: mtimeMs };
    });
    return Promise.all(found);
  }
}
