import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import { StyleError } from '../errors.js';
import { imageSuffixes } from '../images/codec.js';

const isPicture = (name: string): boolean => Object.hasOwn(imageSuffixes, extname(name).toLowerCase());
const isHidden = (name: string): boolean => name.startsWith('.');

/** Compares paths by code units, with `/` between the names: the same on every machine and in every locale. */
function byPath(first: string, second: string): number {
  const [a, b] = [first, second].map((path) => path.replaceAll(sep, '/')) as [string, string];
  return a < b ? -1 : a > b ? 1 : 0;
}

const notReadable = (path: string, cause: unknown): StyleError =>
  new StyleError(
    'E_INPUT_PERMISSION',
    `"${path}" may not be read (the system says ${cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)}).`,
    'Change its permissions, or leave it out.',
    { cause },
  );

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | 'nothing'> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return 'nothing';
    throw notReadable(path, error);
  }
}

/** Adds the picture files below a folder; `above` has the real paths of its ancestors, to stop at cycles of links. */
async function searchFolder(folder: string, above: readonly string[], found: string[]): Promise<void> {
  const real = await realpath(folder);
  if (above.includes(real)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw notReadable(folder, cause);
  });
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const path = join(folder, entry.name);
    const linked = entry.isSymbolicLink() ? await kindOf(path) : undefined;
    if (entry.isDirectory() || linked === 'folder') await searchFolder(path, [...above, real], found);
    else if (isPicture(entry.name) && (entry.isFile() || linked === 'file')) found.push(path);
  }
}

async function picturesAt(path: string): Promise<string[]> {
  const kind = await kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'nothing') {
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no file or folder "${path}".`,
      'Check the name, and the folder it is in.',
    );
  }
  if (kind === 'other') {
    throw new StyleError(
      'E_INPUT_KIND',
      `"${path}" is neither a folder nor a file.`,
      'Name a folder with pictures, or a picture file.',
    );
  }
  const found: string[] = [];
  await searchFolder(path, [], found);
  if (found.length === 0) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no picture in the folder "${path}" or below it.`,
      `Name a folder with files that end in ${Object.keys(imageSuffixes).join(', ')}.`,
    );
  }
  return found;
}

/**
 * Finds picture files: the given ones, whatever their suffix, and those in the given folders and below, by the suffixes of
 * `imageSuffixes`. Hidden files and folders are skipped, symbolic links followed. A file that is found twice counts once.
 * @returns paths that begin with the given ones, sorted by code units: the same on every machine
 * @throws StyleError `E_INPUT_MISSING` when a path does not exist or a folder has no pictures, `E_INPUT_KIND` when it is
 *   neither a file nor a folder, `E_INPUT_PERMISSION` when a folder may not be read
 * @example
 * ```ts
 * import { findPictures } from 'pastiche/training';
 *
 * for (const path of await findPictures(['photos', 'painting.jpg'])) console.log(path);
 * ```
 */
export async function findPictures(paths: readonly string[]): Promise<string[]> {
  const found = (await Promise.all(paths.map(picturesAt))).flat().sort(byPath);
  const folders = new Map<string, string>();
  const pictures = new Map<string, string>();
  for (const path of found) {
    const folder = dirname(path);
    const real = folders.get(folder) ?? (await realpath(folder));
    folders.set(folder, real);
    const identity = join(real, basename(path));
    if (!pictures.has(identity)) pictures.set(identity, path);
  }
  return [...pictures.values()];
}
