import { stat } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import { StyleError } from '../errors.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { findModelRecord, modelRegistry, type ModelRecord } from './registry.js';
import { readVggWeights } from './vgg-files.js';
import { readWeightsFile } from './weights-file.node.js';

/** The folder of the weights that come with the package. */
const packageFolder = fileURLToPath(new URL('../../models', import.meta.url));

/** The folder that `models pull` fills: `models` in PASTICHE_CACHE, or in the system's folder for caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['PASTICHE_CACHE'] || envPaths('pastiche', { suffix: '' }).cache, 'models');
}

/** The folders in which models are looked up, first to last: those of PASTICHE_MODELS, the package's own, the cache. */
export function modelFolders(environment: NodeJS.ProcessEnv = process.env): string[] {
  const own = (environment['PASTICHE_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...own, packageFolder, cacheFolder(environment)];
}

/**
 * Looks a network up by name: `NAME.safetensors`, or the file name of the known model, in every folder in turn.
 * @returns the path, or undefined when no folder has it
 */
export async function findModelByName(
  name: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const record = findModelRecord(name);
  const fileNames = new Set([`${name}.safetensors`, ...(record ? [record.fileName] : [])]);
  for (const folder of modelFolders(environment)) {
    for (const fileName of fileNames) {
      const path = join(folder, fileName);
      if (await isFile(path)) return path;
    }
  }
  return undefined;
}

/**
 * The weights file that a person means by `--network`. What has a slash or a suffix is a path and returned as it is;
 * anything else is looked up as a name.
 * @throws StyleError E_WEIGHTS_MISSING with the commands that get the network and the folders that were searched
 */
export async function findModel(
  nameOrPath: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  if (/[\\/]|\.[a-z0-9]+$/i.test(nameOrPath)) return nameOrPath;
  return (await findModelByName(nameOrPath, environment)) ?? missing(nameOrPath, environment);
}

/**
 * Reads the network that a person means by `--network`: finds the file (see {@link findModel}), recognises its format and
 * checks its numbers.
 * @throws StyleError E_WEIGHTS_MISSING when no such name is found; E_INPUT_MISSING, E_INPUT_KIND or E_INPUT_PERMISSION
 * for a path that can't be read; E_WEIGHTS_FORMAT or E_WEIGHTS_CONTENT for a file that is no VGG network
 */
export async function loadVggWeights(
  nameOrPath: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<VggWeights> {
  const path = await findModel(nameOrPath, environment);
  return readVggWeights(await readWeightsFile(path), basename(path));
}

function missing(name: string, environment: NodeJS.ProcessEnv): never {
  const folders = modelFolders(environment)
    .map((folder) => `'${folder}'`)
    .join(', ');
  const record = findModelRecord(name);
  const found = record ? `The weights of ${name} are not on this machine` : `No network is named '${name}'`;
  throw new StyleError('E_WEIGHTS_MISSING', `${found}; searched: ${folders}.`, remedy(name, record));
}

function remedy(name: string, record: ModelRecord | undefined): string {
  if (record?.source.kind === 'none') {
    return `${record.source.instruction} Or take another network: npx pastiche models pull vgg19, then --network vgg19.`;
  }
  if (record) {
    return (
      `Get them: npx pastiche models pull ${name}. ` +
      `Without a network here, put ${record.fileName} into a folder and set PASTICHE_MODELS to that folder.`
    );
  }
  const known = modelRegistry.map((model) => model.name).join(', ');
  return (
    `Known networks: ${known} (npx pastiche models pull vgg19 gets one). For one of your own, give its path, or put ` +
    `${name}.safetensors into a folder and set PASTICHE_MODELS to that folder.`
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
