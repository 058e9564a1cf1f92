import { stat } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import envPaths from 'env-paths';
import { StyleError } from '../errors.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { packageFolder } from '../package-folder.node.js';
import { isPath } from './model-library.js';
import { findModelRecord, networkNames, recordsOfFiles, type ModelRecord } from './registry.js';
import { readVggWeights } from './vgg-files.js';
import { readWeightsFile } from './weights-file.node.js';

/** The folder of the weights that come with the package. */
const packagedModels = join(packageFolder, 'models');

/** The folder that downloads fill: `models` in PASTICHE_CACHE, or in the system's folder for caches. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(environment['PASTICHE_CACHE'] || envPaths('pastiche', { suffix: '' }).cache, 'models');
}

/** The folders in which models are looked up, first to last: those of PASTICHE_MODELS, the package's own, the cache. */
export function modelFolders(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const given = (environment['PASTICHE_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...given, packagedModels, cacheFolder(environment)];
}

/** The folders in which models are looked up, for messages. */
export function searched(environment: Readonly<Record<string, string | undefined>>): string {
  return modelFolders(environment)
    .map((folder) => `"${folder}"`)
    .join(', ');
}

/**
 * Looks a network up by name: `NAME.safetensors`, or the file name of the known model, in every folder in turn. A network of several
 * files is where all of them are.
 * @returns the path, of the first file where there are several, or undefined when no folder has it
 */
export async function findModelByName(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const record = findModelRecord(name);
  const published = record ? [recordsOfFiles(record).map(({ fileName }) => fileName)] : [];
  const choices = record?.architecture === 'magenta' ? published : [[`${name}.safetensors`], ...published];
  for (const folder of modelFolders(environment)) {
    for (const fileNames of choices) {
      const paths = fileNames.map((fileName) => join(folder, fileName));
      const found = await Promise.all(paths.map(isFile));
      if (found.every(Boolean)) return paths[0];
    }
  }
  return undefined;
}

/**
 * Finds the file of a network. What has a slash or a suffix is a path and returned as it is; anything else is looked up as
 * a name, in the folders of PASTICHE_MODELS, those that came with the package, and those that were downloaded.
 * @param environment where PASTICHE_MODELS and PASTICHE_CACHE are looked up; the process's own unless given
 * @returns the path
 * @throws StyleError `E_WEIGHTS_MISSING` with the folders that were searched and how to get the network
 * @example
 * ```ts
 * import { findModel } from 'pastiche';
 *
 * console.log(await findModel('pastiche-vgg')); // the path of its file
 * ```
 */
export async function findModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (isPath(nameOrPath)) return nameOrPath;
  return (await findModelByName(nameOrPath, environment)) ?? missing(nameOrPath, environment);
}

/**
 * Reads a network: finds its file (see {@link findModel}), recognises the format and checks the numbers.
 * @throws StyleError `E_WEIGHTS_MISSING` when no such name is found; `E_INPUT_MISSING`, `E_INPUT_KIND` or
 * `E_INPUT_PERMISSION` for a path that can't be read; `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT` for a file that is no VGG
 * network
 * @example
 * ```ts
 * import { graph, loadVggWeights, vggFeatures } from 'pastiche/engine';
 *
 * const weights = await loadVggWeights('pastiche-vgg');
 * const options = { pooling: 'max', padding: 'zero' } as const;
 * const features = vggFeatures(graph.input('picture', [1, 3, 64, 64]), weights, ['relu4_1'], options);
 * ```
 */
export async function loadVggWeights(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<VggWeights> {
  const path = await findModel(nameOrPath, environment);
  return readVggWeights(await readWeightsFile(path), basename(path));
}

function missing(name: string, environment: Readonly<Record<string, string | undefined>>): never {
  throw missingNetwork(name, environment, 'network');
}

/**
 * The error for a network that is not installed.
 * @param option that has chosen it
 */
export function missingNetwork(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  option: string,
): StyleError {
  const record = findModelRecord(name);
  const found = record ? `The network ${name} is not installed` : `No network is named "${name}"`;
  const message = `${found}; searched: ${searched(environment)}.`;
  return new StyleError('E_WEIGHTS_MISSING', message, remedy(name, record), { option });
}

function remedy(name: string, record: ModelRecord | undefined): string {
  if (record?.source.kind === 'none') {
    return `${record.source.instruction} Or take another network, such as vgg19: pullModel("vgg19") downloads it.`;
  }
  if (record) {
    return (
      `Download it with pullModel("${name}"). Without access to the internet, put ${fileNamesOf(record)} into a folder and set ` +
      'PASTICHE_MODELS to that folder.'
    );
  }
  return (
    `Known networks: ${networkNames()}; pullModel("vgg19") downloads one. For one of your own, give the path of its file, ` +
    `or put ${name}.safetensors into a folder and set PASTICHE_MODELS to that folder.`
  );
}

const fileNamesOf = (record: ModelRecord): string =>
  recordsOfFiles(record)
    .map(({ fileName }) => fileName)
    .join(' and ');

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
