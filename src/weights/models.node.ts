import { basename } from 'node:path';
import { StyleError } from '../errors.js';
import { findModel, findModelByName } from './model-files.node.js';
import { verifyModelFile, verifyModelFiles } from './model-verification.node.js';
import type { KnownModel, ModelVerification, PulledModel, PullOptions } from './models.js';
import { findModelRecord, modelNames, modelRegistry, recordsOfFiles } from './registry.js';

export { findModel };

/**
 * Lists the networks that Pastiche knows by name, with their licences and where their files are.
 * @param environment where PASTICHE_MODELS and PASTICHE_CACHE are looked up; the process's own unless given
 * @example
 * ```ts
 * import { listModels } from 'pastiche';
 *
 * for (const { name, licence, path } of await listModels()) console.log(name, licence, path ?? 'not installed');
 * ```
 */
export async function listModels(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<KnownModel[]> {
  return Promise.all(
    modelRegistry.map(async (record) => ({
      ...record,
      path: await findModelByName(record.name, environment),
    })),
  );
}

/**
 * Downloads a network into the cache, where it is found by its name from then on, and verifies it: all its files, where it has
 * several. A sound file that is there already is left alone; a download that was stopped is resumed.
 * @param name one of {@link listModels}
 * @param environment where PASTICHE_CACHE and proxies are looked up; the process's own unless given
 * @throws StyleError `E_ARGUMENT` for a name that is not known; `E_DOWNLOAD` when the download fails or is stopped;
 * `E_DOWNLOAD_HASH` when the file is not the one that was published; `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT` when it is
 * no such network; `E_OUTPUT` when it can't be written
 * @example
 * ```ts no-run
 * import { pullModel } from 'pastiche';
 *
 * const { path } = await pullModel('vgg19', {
 *   onProgress: (event) => event.type === 'bytes' && console.log(event.received, event.total),
 * });
 * console.log(path);
 * ```
 */
export async function pullModel(
  name: string,
  options: PullOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<PulledModel> {
  const record = findModelRecord(name);
  if (record === undefined) {
    throw new StyleError('E_ARGUMENT', `No model is named "${name}".`, `Known models: ${modelNames()}.`);
  }
  // What speaks HTTP takes long to load, and only downloads need it.
  const { downloadFiles } = await import('./download-files.node.js');
  return downloadFiles(record, { ...options, environment });
}

/**
 * Checks a network's file: size and digest as far as they are known, the shapes of its tensors, and that every number is
 * finite.
 * @param nameOrPath as for {@link findModel}
 * @param environment where PASTICHE_MODELS and PASTICHE_CACHE are looked up; the process's own unless given
 * @returns what it was compared with, and what the network is
 * @throws StyleError `E_DOWNLOAD_HASH`, `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT` when it is not sound; `E_WEIGHTS_MISSING`
 * when there is none of that name; `E_INPUT_MISSING`, `E_INPUT_KIND` or `E_INPUT_PERMISSION` when it can't be read
 * @example
 * ```ts no-run
 * import { verifyModel } from 'pastiche';
 *
 * const { network, matches } = await verifyModel('vgg19');
 * console.log(network.text, matches); // VGG-19, full width (64, 128, 256, 512, 512), to conv5_4 ['published', 'recorded']
 * ```
 */
export async function verifyModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ModelVerification> {
  const path = await findModel(nameOrPath, environment);
  const record = findModelRecord(nameOrPath);
  if (record !== undefined) return verifyModelFiles(path, record);
  const published = modelRegistry.flatMap(recordsOfFiles).find(({ fileName }) => fileName === basename(path));
  return verifyModelFile(path, published);
}
