import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  chmod,
  constants,
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StyleError } from './errors.js';

/** What the operating system's error codes mean to a person who wants to write, and what to do. */
const reasons: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: ['its folder does not exist', 'Make the folder first, or name another one.'],
  ENOTDIR: ['what should be its folder is a file', 'Name a folder that exists.'],
  ENOSPC: ['the disk is full', 'Make room, or name a folder on another disk.'],
  EDQUOT: ['the disk quota is used up', 'Make room, or name a folder on another disk.'],
  EFBIG: [
    'the file would be larger than this system allows',
    'Raise the limit on file sizes, or choose a smaller size.',
  ],
  EACCES: ['permission is denied', 'Change the permissions, or name another file or folder.'],
  EPERM: ['permission is denied', 'Change the permissions, or name another file or folder.'],
  EROFS: ['the file system is read-only', 'Name a folder on another disk.'],
  ELOOP: ['its symbolic links go round in a circle', 'Name another file.'],
  ENAMETOOLONG: ['the name is too long', 'Name it shorter.'],
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);

/** @returns the error, in words, of a file or folder that can't be written; one of ours stays as it is */
export function outputError(path: string, cause: unknown): StyleError {
  if (cause instanceof StyleError) return cause;
  const code = codeOf(cause);
  const [reason, remedy] = reasons[code] ?? [`the system says ${code}`, 'Name another file or folder.'];
  return new StyleError('E_OUTPUT', `"${path}" can't be written: ${reason}.`, remedy, { cause });
}

/** Follows symbolic links, as the system does, to the file behind them, which need not exist yet. */
export async function behindLinks(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < 40; links++) {
    target = join(await realpath(dirname(target)), basename(target));
    const found = await lstat(target).catch(() => undefined);
    if (!found?.isSymbolicLink()) return target;
    const link = await readlink(target);
    // Not normalised: where a folder is a link itself, its ".." is not the text before it.
    target = isAbsolute(link) ? link : `${dirname(target)}${sep}${link}`;
  }
  throw Object.assign(new Error(`too many symbolic links at ${path}`), { code: 'ELOOP' });
}

/** Finds the file that `path` stands for and the permissions of the one that is there already. */
async function findTarget(path: string): Promise<{ target: string; mode: number | undefined }> {
  const target = await behindLinks(path);
  const folder = await stat(dirname(target));
  if (!folder.isDirectory()) throw Object.assign(new Error(dirname(target)), { code: 'ENOTDIR' });
  const existing = await stat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (existing === undefined) return { target, mode: undefined };
  if (!existing.isFile()) {
    const kind = existing.isDirectory() ? 'a folder' : 'a device, not a file';
    throw new StyleError(
      'E_OUTPUT',
      `"${path}" can't be written: it is ${kind}.`,
      'Name a file, for example out.png.',
    );
  }
  // Renaming over a write-protected file would work, but whoever protected it did not want that.
  await (await open(target, constants.O_WRONLY)).close();
  return { target, mode: existing.mode & 0o777 };
}

/** Temporary files now being written, to be removed should the program exit in the middle. */
const unfinished = new Set<string>();
let watching = false;

/** Removes what is half-written, for a process that is about to end without its 'exit' event, as a signal ends it. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

const temporaryPattern = /^\.pastiche-[\da-f-]{36}\.tmp$/;
/** Milliseconds after which nobody can still be writing a temporary file that has not changed. */
const abandonedAfter = 600_000;

/**
 * Removes the temporary files in a folder that killed processes have left: those that nobody has written to for ten
 * minutes. What can't be removed stays.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => temporaryPattern.test(one))) {
    const path = join(folder, name);
    const { mtimeMs = Infinity } = (await stat(path).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > abandonedAfter) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** A name for what is written beside a file, which is removed should the program exit before it took the file's place. */
function temporaryBeside(target: string): string {
  if (!watching) {
    watching = true;
    process.once('exit', removeUnfinished);
  }
  const temporary = join(dirname(target), `.pastiche-${randomUUID()}.tmp`);
  unfinished.add(temporary);
  return temporary;
}

/**
 * Hands over a name in the folder of `path` for what another program writes piece by piece; {@link moveIntoPlace} gives it its
 * place. What is left under that name in the end is removed, also when this process ends.
 * @throws StyleError `E_OUTPUT` with the reason when there is no such folder; otherwise as `use` does
 */
export async function withUnfinished<Result>(
  path: string,
  use: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const { target } = await findTarget(path).catch((error: unknown) => {
    throw outputError(path, error);
  });
  const temporary = temporaryBeside(target);
  try {
    return await use(temporary);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
    unfinished.delete(temporary);
  }
}

async function withTemporary(
  target: string,
  bytes: Uint8Array,
  finish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(target);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await finish(temporary);
  } finally {
    // What went wrong first is what counts, not that there is nothing to remove.
    await rm(temporary, { force: true }).catch(() => undefined);
    unfinished.delete(temporary);
  }
}

/**
 * Writes a whole file or nothing: into a temporary file in the same folder, which then takes the file's name. An existing
 * file is replaced and its permissions kept; behind a symbolic link the file that it points to is. Several processes may
 * write the same file: the last one wins and the file is whole at any time. Not `write-file-atomic`, because that package
 * takes a write cut short by a full disk for a whole one, and its temporary names are the same in two containers.
 * @throws StyleError `E_OUTPUT` with the reason when the file can't be written; nothing is left behind
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const { target, mode } = await findTarget(path);
    await withTemporary(target, bytes, (temporary) => takePlace(temporary, target, mode));
  } catch (error) {
    throw outputError(path, error);
  }
}

/**
 * Lets a whole file take another's place, as {@link replaceFile} does with bytes: for one that was written piece by piece.
 * @param finished in the folder of `path`
 * @throws StyleError `E_OUTPUT` with the reason; then both files are as they were
 */
export async function moveIntoPlace(finished: string, path: string): Promise<void> {
  try {
    const { target, mode } = await findTarget(path);
    const handle = await open(finished, 'r+');
    await handle.sync().finally(() => handle.close());
    await takePlace(finished, target, mode);
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Milliseconds between attempts to take the place of a file that somebody has open, which Windows refuses meanwhile. */
const pauses = process.platform === 'win32' ? [10, 20, 50, 100, 200, 500, 1000] : [];

async function takePlace(finished: string, target: string, mode: number | undefined): Promise<void> {
  // Some file systems have no permissions to keep, and say so by an error.
  if (mode !== undefined) await chmod(finished, mode).catch(() => undefined);
  for (const pause of pauses) {
    try {
      await rename(finished, target);
      return;
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))) throw error;
    }
    await setTimeout(pause);
  }
  await rename(finished, target);
}

/**
 * Checks, before a long run begins, that {@link replaceFile} will be able to write: the folder exists, and a few bytes
 * can be written in it (asking for permission alone is not enough: root is always told yes), and `path` is not a folder,
 * a device or a write-protected file. Whatever is there already stays as it is.
 * @throws StyleError `E_OUTPUT` with the reason
 */
export async function checkReplaceable(path: string): Promise<void> {
  try {
    const { target } = await findTarget(path);
    await withTemporary(target, new Uint8Array(4096), async () => {});
  } catch (error) {
    throw outputError(path, error);
  }
}
