import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { StyleError } from '../errors.js';
import { imageSuffixes } from '../images/codec.js';
import type { StylizeOrder } from './stylize-order.js';

/** A photograph and the file that its picture goes to. */
export interface PicturePair {
  readonly content: string;
  readonly output: string;
}

export interface PicturePairs {
  readonly pairs: readonly PicturePair[];
  /** Whether there may be several: then one that fails does not stop the others. */
  readonly batch: boolean;
  /** The output folder, if it was made for this work. */
  readonly madeFolder: string | undefined;
}

type Files = Pick<
  StylizeOrder,
  'content' | 'styles' | 'output' | 'initial' | 'trace' | 'report' | 'mask' | 'contentMask' | 'styleMasks'
>;

/**
 * Finds the photographs and says which file each one's picture goes to: in a folder it keeps its photograph's name, with
 * `.png` in place of a suffix that can't be written. A folder for several is made when only its last part is missing.
 * @param settings `makeFolder: false` leaves the file system as it is
 * @throws StyleError `E_INPUT_MISSING` when a folder has no pictures, `E_INPUT_KIND` when there are several photographs and
 * one output file, `E_OUTPUT` when the folder can't be made, `E_ARGUMENT` when a file would be written twice or a source
 * overwritten
 */
export async function pairPictures(order: Files, { makeFolder = true } = {}): Promise<PicturePairs> {
  const named = [order.content].flat();
  const folder = named.length === 1 && (await kindOf(named[0]!)) === 'folder' ? named[0]! : undefined;
  const batch = folder !== undefined || named.length > 1;
  const kind = await kindOf(order.output);
  if (batch && (kind === 'file' || (kind === undefined && suffixOf(order.output) in imageSuffixes))) {
    throw new StyleError(
      'E_INPUT_KIND',
      `${folder === undefined ? `${named.length} photographs` : `The folder "${folder}"`} can't go into the one file "${order.output}".`,
      'Name a folder for the pictures, with -o FOLDER, or one photograph.',
    );
  }
  const contents = folder === undefined ? named : await picturesIn(folder);
  const intoFolder = batch || kind === 'folder' || /[\\/]$/.test(order.output);
  const pairs = contents.map((content) => ({
    content,
    output: intoFolder ? join(order.output, outputName(content)) : order.output,
  }));
  await checkDistinct(pairs, order);
  const madeFolder = makeFolder && intoFolder && kind === undefined ? order.output : undefined;
  if (madeFolder !== undefined) await makeOutputFolder(madeFolder);
  return { pairs, batch, madeFolder };
}

const suffixOf = (path: string): string => extname(path).toLowerCase();

function outputName(content: string): string {
  const suffix = suffixOf(content);
  return suffix in imageSuffixes ? basename(content) : `${basename(content, extname(content))}.png`;
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : found.isDirectory() ? 'folder' : 'file';
}

async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StyleError(
      'E_INPUT_PERMISSION',
      `The folder "${folder}" may not be read.`,
      'Change its permissions, or name the photographs themselves.',
      { cause },
    );
  });
  const names = entries
    .filter(
      (entry) => !entry.isDirectory() && !entry.name.startsWith('.') && suffixOf(entry.name) in imageSuffixes,
    )
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no picture in the folder "${folder}".`,
      `Name a folder with files that end in ${Object.keys(imageSuffixes).join(', ')}.`,
    );
  }
  return names.map((name) => join(folder, name));
}

/** Makes a folder whose parent is there. @throws StyleError `E_OUTPUT` when it can't be made */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new StyleError(
      'E_OUTPUT',
      `The folder "${path}" for the pictures does not exist and can't be made (the system says ${reason}).`,
      'Make the folder first, or name another one.',
      { cause },
    );
  }
}

/** Nobody wants a photograph overwritten, or two results in one file. */
async function checkDistinct(pairs: readonly PicturePair[], order: Files): Promise<void> {
  const { styles, initial, trace, report, mask, contentMask, styleMasks = [] } = order;
  const sources = new Set<string>();
  const single = [initial, mask, contentMask].filter((path) => path !== undefined);
  for (const path of [...pairs.map(({ content }) => content), ...styles, ...single, ...styleMasks]) {
    sources.add(await identity(path));
  }
  const targets = new Set<string>();
  for (const path of [...pairs.map(({ output }) => output), trace, report]) {
    if (path === undefined) continue;
    const target = await identity(path);
    if (sources.has(target)) {
      throw new StyleError(
        'E_ARGUMENT',
        `"${path}" is read by this work and would be overwritten by it.`,
        'Name another output file or folder.',
      );
    }
    if (targets.has(target)) {
      throw new StyleError(
        'E_ARGUMENT',
        `Two results would go into the same file "${path}".`,
        'Give every result a file of its own; photographs of one name from different folders need work of their own.',
      );
    }
    targets.add(target);
  }
}

/** The file behind a path, whether it exists or not. */
async function identity(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch {
    const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(folder, basename(absolute));
  }
}
