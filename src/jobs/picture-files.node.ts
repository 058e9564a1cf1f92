import { nodePlatform } from '../api/platform.node.js';
import { readOptions } from '../api/picture-source.js';
import { argumentError, StyleError } from '../errors.js';
import { readImageSize, readRaster } from '../images/codec.node.js';
import { decodingMemory, readingMemory } from '../images/reading-memory.js';
import { fitLongSide } from '../images/resize.js';
import type { AnyMethod, PictureCounts, PictureOrWord, PictureRole, PictureSet } from '../methods/method.js';
import { pictureBytes } from '../methods/optimization/memory.js';
import { filesOf, type FilesRequest } from './files-request.js';

/**
 * Checks that there are files for the roles that need some, and no others.
 * @returns the request with pictures of the package's own for roles that have one and were given none
 * @throws StyleError `E_ARGUMENT` that names the role
 */
export function checkRoles(method: AnyMethod, request: FilesRequest): FilesRequest {
  const unknown = Object.keys(request.pictures).find((name) =>
    method.roles.every((role) => role.name !== name),
  );
  if (unknown !== undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      `The method ${method.name} takes no picture as ${unknown}.`,
      `It takes ${method.roles.map(({ name }) => name).join(', ')}.`,
    );
  }
  for (const [index, role] of method.roles.entries()) {
    const { name, description, optional, example, several } = role;
    const count = filesOf(request, name).length;
    if (count === 0 && optional !== true && example === undefined) {
      throw argumentError(
        name,
        `No picture is named as ${name}.`,
        `Name ${description}: ${method.name} can't do without.`,
      );
    }
    if (count > 1 && index > 0 && several !== true) {
      throw argumentError(
        name,
        `There are ${count} pictures as ${name}, and ${method.name} takes one.`,
        'Name one.',
      );
    }
  }
  const examples = method.roles
    .filter(({ name, example }) => example !== undefined && filesOf(request, name).length === 0)
    .map(({ name, example }) => [name, nodePlatform.examplePicture(example!)] as const);
  return { ...request, pictures: { ...request.pictures, ...Object.fromEntries(examples) } };
}

/** How many pictures of each role there are. */
export function countFiles(method: AnyMethod, request: FilesRequest, subjects: number): PictureCounts {
  const counts = method.roles.map(({ name }) => [name, filesOf(request, name).length] as const);
  return {
    ...Object.fromEntries(counts.filter(([, count]) => count > 0)),
    [method.roles[0]!.name]: subjects,
  };
}

/** Reads the pictures of all roles but the subject, one after the other: each may take much memory while it is read. */
export async function readShared(
  method: AnyMethod,
  settings: object,
  request: FilesRequest,
): Promise<PictureSet> {
  const pictures: Record<string, PictureOrWord | readonly PictureOrWord[]> = {};
  for (const role of method.roles.slice(1)) {
    const read: PictureOrWord[] = [];
    for (const file of filesOf(request, role.name))
      read.push(await readRole(method, settings, role, file, request));
    if (read.length > 0) pictures[role.name] = role.several === true ? read : read[0]!;
  }
  return pictures;
}

/**
 * Bytes of memory at the peak of reading a request's pictures, the process not included.
 * @param input the file of the subject
 * @throws StyleError for a header that shows a picture which can't be read
 */
export async function readingPeak(
  method: AnyMethod,
  settings: object,
  input: string,
  request: FilesRequest,
): Promise<number> {
  let [held, peak] = [0, 0];
  for (const role of [...method.roles.slice(1), method.roles[0]!]) {
    const files = role === method.roles[0] ? [input] : filesOf(request, role.name);
    const { maxPixels, longSide } = readOptions(method, settings, role.name, request.maxPixels);
    const options = { ...(maxPixels && { maxPixels }), ...(longSide && { longSide }) };
    for (const file of files.filter((one) => role.isWord?.(one) !== true)) {
      const size = await readImageSize(file, options);
      // What a pipe holds shows only when it is read.
      if (size === undefined) continue;
      if (role.inParts === true) {
        peak = Math.max(peak, held + decodingMemory(size));
        held += size.reading.samples;
        continue;
      }
      peak = Math.max(peak, held + readingMemory(size, options));
      const { width, height } = size;
      const reduced = longSide !== undefined && Math.max(width, height) > longSide;
      held += pictureBytes(reduced ? fitLongSide(width, height, longSide) : size);
    }
  }
  return peak;
}

/** Reads a picture of a role; a word stands for itself. */
export async function readRole(
  method: AnyMethod,
  settings: object,
  role: PictureRole,
  file: string,
  { maxPixels }: FilesRequest,
): Promise<PictureOrWord> {
  if (role.isWord?.(file) === true) return file;
  if (role.inParts === true) return readRaster(file, maxPixels === undefined ? {} : { maxPixels });
  const options = readOptions(method, settings, role.name, maxPixels);
  const image = await nodePlatform.readPicture(file, file, options);
  return { ...image, name: file };
}
