import { rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StyleError } from '../errors.js';
import { encodeImage, readImage } from '../images/codec.node.js';
import { matchPictures, resolveMatchSettings, type MatchOptions } from '../methods/match/match-pictures.js';
import { checkReplaceable, replaceFile } from '../replace-file.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { packageVersion } from '../version.node.js';
import { encodeNpy } from '../formats/npy.js';
import { withRuntime, type MachineOrder } from './machine.node.js';
import { loadNetwork } from './network.node.js';
import { makeOutputFolder } from './picture-pairs.node.js';
import type { Versions } from './stylize-order.js';
import { versions } from './stylize-session.node.js';

/** A match of two picture files. */
export interface MatchOrder extends MachineOrder {
  /** The picture whose patches are looked for. */
  readonly picture: string;
  /** The picture that they are looked for in. */
  readonly reference: string;
  /** The folder for the results; made when only its last part is missing. */
  readonly output: string;
  readonly options?: MatchOptions | undefined;
  /** A file of weights or a network's name. @defaultValue the first at hand of those that stylize takes */
  readonly network?: string | undefined;
  /** Ends the work with the signal's reason as an error; nothing is written then. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of the part of the comparison that is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** The files of a match, in its folder. */
export const matchFileNames = {
  /** int32 `[height, width, 2]`, row and column of each position's match in the reference's map. */
  correspondence: 'correspondence.npy',
  /** float32 `[height, width]`, -1 to 1. */
  scores: 'scores.npy',
  fieldPicture: 'correspondence.png',
  scorePicture: 'scores.png',
  rebuilt: 'rebuilt.png',
} as const;

export interface MatchFilesResult {
  readonly picture: string;
  readonly reference: string;
  /** The files that were written. */
  readonly files: Readonly<Record<keyof typeof matchFileNames, string>>;
  readonly layer: string;
  readonly patch: number;
  readonly stride: number;
  /** Positions of the picture's map and of the reference's. */
  readonly map: { readonly width: number; readonly height: number };
  readonly referenceMap: { readonly width: number; readonly height: number };
  readonly meanScore: number;
  /** The part of the reference's positions that are anyone's match, 0 to 1. */
  readonly coverage: number;
  readonly network: string;
  readonly device: string;
  readonly threads: number;
  readonly seconds: number;
  readonly versions: Versions;
}

/**
 * Matches the patches of two picture files and writes what came out; see {@link matchPictures}.
 * @throws StyleError for files that can't be read or written, a missing network, and options that can't be used
 */
export async function matchFiles(order: MatchOrder): Promise<MatchFilesResult> {
  const started = performance.now();
  resolveMatchSettings(order.options);
  const made = await prepareFolder(order);
  try {
    return await withRuntime(order, (runtime) => matchAndWrite(order, runtime, started));
  } finally {
    // Only if nothing was written into it.
    if (made) await rmdir(order.output).catch(() => undefined);
  }
}

async function matchAndWrite(
  order: MatchOrder,
  runtime: Runtime,
  started: number,
): Promise<MatchFilesResult> {
  const [picture, reference, network] = await Promise.all([
    readImage(order.picture),
    readImage(order.reference),
    loadNetwork('default', order.network),
  ]);
  const { signal, onProgress } = order;
  const match = await matchPictures(
    runtime,
    network.weights,
    { picture, reference, signal, onProgress },
    order.options,
  );
  const { height, width, targetHeight, targetWidth, field, scores, settings } = match;
  const metadata = {
    software: `Pastiche ${packageVersion}`,
    description: `Patches of ${basename(order.picture)} matched in ${basename(order.reference)} at ${settings.layer}`,
  };
  const contents = {
    correspondence: encodeNpy(field, [height, width, 2]),
    scores: encodeNpy(scores, [height, width]),
    fieldPicture: await encodeImage(match.fieldPicture, 'png', { metadata }),
    scorePicture: await encodeImage(match.scorePicture, 'png', { metadata }),
    rebuilt: await encodeImage(match.rebuilt, 'png', { metadata }),
  };
  signal?.throwIfAborted();
  const files = filesIn(order.output);
  for (const name of names) await replaceFile(files[name], contents[name]);
  const used = new Set(
    Array.from({ length: scores.length }, (_, i) => field[2 * i]! * targetWidth + field[2 * i + 1]!),
  );
  return {
    ...{ picture: order.picture, reference: order.reference, files },
    ...{ layer: settings.layer, patch: settings.patch, stride: settings.stride },
    map: { width, height },
    referenceMap: { width: targetWidth, height: targetHeight },
    meanScore: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    coverage: used.size / (targetHeight * targetWidth),
    ...{ network: network.name, device: runtime.device, threads: runtime.threads },
    seconds: (performance.now() - started) / 1000,
    versions,
  };
}

const names = Object.keys(matchFileNames) as (keyof typeof matchFileNames)[];

function filesIn(folder: string): Record<keyof typeof matchFileNames, string> {
  const paths = names.map((name) => [name, join(folder, matchFileNames[name])] as const);
  return Object.fromEntries(paths) as Record<keyof typeof matchFileNames, string>;
}

/** Checks what can be checked before the work. @returns whether the folder was made for it */
async function prepareFolder({ output }: MatchOrder): Promise<boolean> {
  const found = await stat(output).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw new StyleError(
      'E_OUTPUT',
      `"${output}" is a file, and the results are several.`,
      'Name a folder: -o FOLDER.',
    );
  }
  if (found === undefined) await makeOutputFolder(output);
  else for (const path of Object.values(filesIn(output))) await checkReplaceable(path);
  return found === undefined;
}
