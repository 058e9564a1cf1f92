import { readFile, rm, writeFile } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import { outputError } from '../replace-file.node.js';

/**
 * Keeps two processes from downloading into the same part: runs the work while a file with this process's number lies
 * there. The file of a process that is gone is taken over.
 * @throws StyleError `E_OUTPUT` when another process is at work or the file can't be written
 */
export async function withDownloadLock<T>(lockPath: string, download: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      await writeFile(lockPath, String(process.pid), { flag: 'wx' });
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw outputError(lockPath, cause);
    }
    const owner = Number(await readFile(lockPath, 'utf8').catch(() => ''));
    if (isRunning(owner)) {
      throw new StyleError(
        'E_OUTPUT',
        `Process ${owner} is downloading the same model already ("${lockPath}").`,
        'Wait until it is done. If no such download runs, remove that file.',
        { option: 'folder' },
      );
    }
    await rm(lockPath, { force: true });
  }
  return download().finally(() => rm(lockPath, { force: true }));
}

function isRunning(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
