import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { argumentError, StyleError } from '../errors.js';
import { filmOutputName, hasFilmSuffix } from '../films/film-formats.js';
import { imageSuffixes } from '../images/codec.js';
import type { AnyMethod } from '../methods/method.js';
import { checkDistinct } from './distinct-files.node.js';
import { filesOf, type FilesRequest } from './files-request.js';

/** A file and where its result goes. */
export interface FilePair {
  readonly input: string;
  readonly output: string | undefined;
}

export interface FilePairs {
  readonly pairs: readonly FilePair[];
  /** Whether there may be several: then one that fails does not stop the others. */
  readonly batch: boolean;
  /** The output folder, if it was created for this run. */
  readonly createdFolder: string | undefined;
}

/**
 * Finds the files of a method's subject and says where each one's result goes: in a folder it keeps its name, with `.png`
 * in place of a suffix that can't be written, `.mp4` for a film. Of a folder the pictures are taken, not the films. A folder for several is created when only its last part is missing.
 * @param settings `createFolder: false` leaves the file system as it is
 * @throws StyleError `E_INPUT_MISSING` when a folder has no pictures, `E_INPUT_KIND` when there are several files and
 * one output file, `E_OUTPUT` when the folder can't be created, `E_ARGUMENT` when a file would be written twice or an input
 * overwritten
 */
export async function pairFiles(
  method: AnyMethod,
  request: FilesRequest,
  { createFolder = true } = {},
): Promise<FilePairs> {
  const subject = method.roles[0]!;
  const named = filesOf(request, subject.name);
  const folder = named.length === 1 && (await kindOf(named[0]!)) === 'folder' ? named[0]! : undefined;
  const batch = folder !== undefined || named.length > 1;
  if (batch && method.batch === false) {
    throw new StyleError(
      'E_INPUT_KIND',
      `${folder === undefined ? `There are ${named.length} pictures` : `The folder "${folder}" is named`} as ${subject.name}, and ${method.name} takes one.`,
      'Name one picture file.',
      { option: subject.name },
    );
  }
  const inputs = folder === undefined ? named : await picturesIn(folder);
  const { pairs, missingFolder } = await outputsOf(method, request, inputs, batch, folder);
  await checkDistinct(method, request, pairs);
  const createdFolder = createFolder ? missingFolder : undefined;
  if (createdFolder !== undefined) await createOutputFolder(createdFolder);
  return { pairs, batch, createdFolder };
}

async function outputsOf(
  method: AnyMethod,
  request: FilesRequest,
  inputs: readonly string[],
  batch: boolean,
  folder: string | undefined,
): Promise<{ pairs: FilePair[]; missingFolder: string | undefined }> {
  const pageName = method.output.kind === 'page' ? method.output.fileName : undefined;
  const { output = pageName } = request;
  if (method.output.kind === 'none') {
    return { pairs: inputs.map((input) => ({ input, output: undefined })), missingFolder: undefined };
  }
  if (output === undefined) {
    throw argumentError('output', 'No output is named.', 'Name the file or the folder to write.');
  }
  const dataSuffix = method.output.kind === 'data' ? method.output.suffix : undefined;
  const kind = await kindOf(output);
  if (method.output.kind === 'folder') {
    if (kind === 'file') {
      throw new StyleError(
        'E_OUTPUT',
        `"${output}" is a file, and the results are several.`,
        'Name a folder.',
        { option: 'output' },
      );
    }
    const pairs = inputs.map((input) => ({ input, output }));
    return { pairs, missingFolder: kind === undefined ? output : undefined };
  }
  const isFile =
    suffixOf(output) in imageSuffixes || hasFilmSuffix(output) || suffixOf(output) === dataSuffix;
  if (batch && (kind === 'file' || (kind === undefined && isFile))) {
    throw new StyleError(
      'E_INPUT_KIND',
      `${folder === undefined ? `${inputs.length} pictures` : `The folder "${folder}"`} can't go into the one file "${output}".`,
      'Name a folder for the results, or one picture.',
      { option: 'output' },
    );
  }
  const intoFolder = batch || kind === 'folder' || /[\\/]$/.test(output);
  if (dataSuffix !== undefined && !intoFolder && suffixOf(output) !== dataSuffix) {
    throw new StyleError(
      'E_OUTPUT',
      `"${output}" does not end in ${dataSuffix}.`,
      `Name a file that does: what ${method.name} writes is found by it.`,
      { option: 'output' },
    );
  }
  const pairs = inputs.map((input) => ({
    input,
    output: intoFolder ? join(output, pageName ?? outputName(method, input)) : output,
  }));
  return { pairs, missingFolder: intoFolder && kind === undefined ? output : undefined };
}

const suffixOf = (path: string): string => extname(path).toLowerCase();

function outputName({ films, output }: AnyMethod, input: string): string {
  if (output.kind === 'data') return `${basename(input, extname(input))}${output.suffix}`;
  if (films === true && hasFilmSuffix(input)) return filmOutputName(basename(input));
  const suffix = suffixOf(input);
  return suffix in imageSuffixes ? basename(input) : `${basename(input, extname(input))}.png`;
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
      'Change its permissions, or name the pictures themselves.',
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

/** Creates a folder whose parent exists. @throws StyleError `E_OUTPUT` when it can't be created */
async function createOutputFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    // Another run may have made it since this one looked.
    if ((await kindOf(path)) === 'folder') return;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new StyleError(
      'E_OUTPUT',
      `The folder "${path}" for the pictures does not exist and can't be made (the system says ${reason}).`,
      'Make the folder first, or name another one.',
      { cause },
    );
  }
}
