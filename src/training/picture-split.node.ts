import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { StyleError } from '../errors.js';
import { findPictures } from './picture-folders.node.js';

/** The pictures of a training, by what they are for. */
export interface PictureSplit {
  readonly training: readonly string[];
  readonly heldOut: readonly string[];
}

export interface PictureLists {
  /** Folders, searched to their depths, and files. */
  readonly images: readonly string[];
  /** A text file that names, a line each, the pictures that are held out. @defaultValue every tenth picture */
  readonly heldOut?: string | undefined;
  /** Such a list of pictures that are not used at all. */
  readonly exclude?: string | undefined;
}

/** One picture in so many is held out where no list is given. */
const heldOutEvery = 10;

/**
 * Finds pictures and parts those to train on from those that are held out. Where that leaves none to hold out, as with a
 * handful of pictures, all are trained on and held out: the validation then says how well they are learnt.
 * @param onWarning told of a list of pictures to exclude that has none of them
 * @throws StyleError as {@link findPictures}; `E_INPUT_MISSING` for a list that can't be read, lists that leave nothing to
 * train on, and a list of held-out pictures that has none of them
 */
export async function splitPictures(
  { images, heldOut, exclude }: PictureLists,
  onWarning: (message: string) => void = () => undefined,
): Promise<PictureSplit> {
  const isExcluded = exclude === undefined ? () => false : await listedIn(exclude);
  const all = await findPictures(images);
  const found = all.filter((path) => !isExcluded(path));
  if (exclude !== undefined && found.length === all.length) {
    onWarning(`The list "${exclude}" names none of the ${all.length} pictures: all of them are used.`);
  }
  const isHeldOut =
    heldOut === undefined
      ? (_: string, index: number) => index % heldOutEvery === heldOutEvery - 1
      : await listedIn(heldOut);
  const training = found.filter((path, index) => !isHeldOut(path, index));
  const held = found.filter((path, index) => isHeldOut(path, index));
  if (training.length === 0) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `The lists leave none of the pictures in ${images.join(', ')} to train on.`,
      'Shorten the lists, or name more folders.',
    );
  }
  if (heldOut !== undefined && held.length === 0) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `The list "${heldOut}" names none of the pictures in ${images.join(', ')}.`,
      'A line is the end of a path, such as photos/lake.jpg; leave the list out to hold out every tenth picture.',
    );
  }
  return { training, heldOut: held.length > 0 ? held : training };
}

/** Tells whether a path ends as a line of a text file says. */
async function listedIn(list: string): Promise<(path: string) => boolean> {
  const text = await readFile(list, 'utf8').catch((cause: unknown) => {
    throw new StyleError(
      'E_INPUT_MISSING',
      `The list of pictures "${list}" can't be read.`,
      'Check the name; it is a text file with one path a line.',
      { cause },
    );
  });
  const ends = new Set(
    text
      .split('\n')
      .map((line) => line.trim().replaceAll(sep, '/').replace(/^\.\//, ''))
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  return (path) => {
    const parts = resolve(path).split(sep);
    return parts.some((_, index) => ends.has(parts.slice(index).join('/')));
  };
}
