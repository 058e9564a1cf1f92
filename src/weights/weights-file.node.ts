import { readFile, stat } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import { networkNames } from './registry.js';

/** Node reads no file into one piece beyond this; the largest VGG file there is has 575 MB. */
const largestFile = 2 ** 31 - 1;

/**
 * Reads a weights file into memory.
 * @throws StyleError `E_INPUT_MISSING`, `E_INPUT_KIND` (a folder), `E_INPUT_PERMISSION`, or `E_WEIGHTS_FORMAT` when it is too large
 */
export async function readWeightsFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFile) {
      throw new StyleError(
        'E_WEIGHTS_FORMAT',
        `The weights file "${path}" has ${size} bytes, far more than any VGG network.`,
        'Give the file of a VGG network; pullModel("vgg19") downloads one.',
      );
    }
    return await readFile(path);
  } catch (cause) {
    throw cause instanceof StyleError ? cause : readingError(path, cause);
  }
}

/** @returns the error that says in words why a weights file could not be read */
export function readingError(path: string, cause: unknown): StyleError {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return new StyleError(
        'E_INPUT_MISSING',
        `There is no weights file "${path}".`,
        `Check the path, or give the name of a known network: ${networkNames()}.`,
        { cause },
      );
    case 'EISDIR':
      return new StyleError(
        'E_INPUT_KIND',
        `"${path}" is a folder, and a weights file was expected.`,
        'Give a file in it, or name the folder in PASTICHE_MODELS and give the name of a network.',
        { cause },
      );
    default:
      return new StyleError(
        'E_INPUT_PERMISSION',
        `The weights file "${path}" can't be read: ${message}.`,
        'Make it readable for you, or use a copy elsewhere.',
        { cause },
      );
  }
}
