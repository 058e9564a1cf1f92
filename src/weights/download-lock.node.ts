import { readFile, rm, writeFile } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import { outputError } from './transfer.node.js';

/**
 * Keeps two processes from downloading into the same part: runs the work while a file with this process's number lies
 * there. The file of a process that is gone is taken over.
 * @throws StyleError E_OUTPUT when another process is at work or the file can't be written
 */
export async function withDownloadLock<T>(lockPath: string, work: () => Promise<T>): Promise<T> {
  await acquire(lockPath);
  try {
    return await work();
  } finally {
    await rm(lockPath, { force: true });
  }
}

async function acquire(lockPath: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(lockPath, String(process.pid), { flag: 'wx' });
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw outputError(lockPath, cause);
    }
    const owner = Number(await readFile(lockPath, 'utf8').catch(() => ''));
    if (isRunning(owner)) {
      throw new StyleError(
        'E_OUTPUT',
        `Process ${owner} is downloading the same model already ('${lockPath}').`,
        'Wait until it is done. If no such download runs, remove that file.',
      );
    }
    await rm(lockPath, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
