import { nodePlatform } from '../api/platform.node.js';
import { StyleError } from '../errors.js';
import type { AnyMethod, PictureCounts, PictureOrWord, PictureRole, PictureSet } from '../methods/method.js';
import type { FilesRequest } from './files-request.js';

/** The paths, or words, of a role. */
export function filesOf({ pictures }: Pick<FilesRequest, 'pictures'>, role: string): readonly string[] {
  const named = pictures[role];
  return named === undefined ? [] : typeof named === 'string' ? [named] : named;
}

/**
 * Checks that there are files for the roles that need some, and no others.
 * @throws StyleError `E_ARGUMENT` that names the role
 */
export function checkRoles(method: AnyMethod, request: FilesRequest): void {
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
    const { name, optional, example, several } = role;
    const count = filesOf(request, name).length;
    if (count === 0 && optional !== true && example === undefined) throw missingPicture(method, role);
    if (count > 1 && index > 0 && several !== true) {
      throw new StyleError(
        'E_ARGUMENT',
        `There are ${count} pictures as ${name}, and ${method.name} takes one.`,
        'Name one.',
        { option: name },
      );
    }
  }
}

/** The error for a role that needs a picture and has none. */
export function missingPicture({ name: method }: AnyMethod, { name, description }: PictureRole): StyleError {
  return new StyleError(
    'E_ARGUMENT',
    `No picture is named as ${name}.`,
    `Name ${description}: ${method} can't do without.`,
    { option: name },
  );
}

/** How many pictures of each role there are. */
export function countFiles(method: AnyMethod, request: FilesRequest, subjects: number): PictureCounts {
  const counts = method.roles.map(({ name }) => [name, filesOf(request, name).length] as const);
  return {
    ...Object.fromEntries(counts.filter(([, count]) => count > 0)),
    [method.roles[0]!.name]: subjects,
  };
}

/** Reads the pictures of all roles but the subject. */
export async function readShared(
  method: AnyMethod,
  settings: object,
  request: FilesRequest,
): Promise<PictureSet> {
  const entries = await Promise.all(
    method.roles.slice(1).map(async (role) => {
      const files = filesOf(request, role.name);
      const pictures = await Promise.all(
        files.map((file) => readRole(method, settings, role, file, request)),
      );
      return [role.name, role.several === true ? pictures : pictures[0]] as const;
    }),
  );
  return Object.fromEntries(
    entries.filter(([, pictures]) => pictures !== undefined && [pictures].flat().length > 0),
  );
}

/** Reads the picture that a result is about. */
export async function readSubject(
  method: AnyMethod,
  settings: object,
  file: string,
  request: FilesRequest,
): Promise<PictureOrWord> {
  return readRole(method, settings, method.roles[0]!, file, request);
}

async function readRole(
  method: AnyMethod,
  settings: object,
  role: PictureRole,
  file: string,
  { maxPixels }: FilesRequest,
): Promise<PictureOrWord> {
  if (role.isWord?.(file) === true) return file;
  const longSide = method.longestSide?.(settings, role.name);
  const image = await nodePlatform.readPicture(file, file, { maxPixels, longSide });
  return { ...image, name: file };
}
