import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StyleError } from '../errors.js';
import { loadEnlargingModelFrom, loadModelFrom } from './load-model.js';
import { modelFolders } from './model-files.node.js';
import { modelSuffix, type InstalledModel, type ModelLibrary } from './model-library.js';
import type { LoadedNetwork } from './models.js';
import { readWeightsFile } from './weights-file.node.js';

/** The models in the folders of PASTICHE_MODELS, those of the package, and those that were downloaded. */
export const modelLibrary = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ModelLibrary => ({ models: () => installedModels(environment), read: readModelFile });

/** As {@link loadModelFrom}, from the folders of models. */
export const loadModel = (
  nameOrPath: string,
  environment?: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof loadModelFrom> => loadModelFrom(modelLibrary(environment), nameOrPath);

/** As {@link loadEnlargingModelFrom}, from the folders of models. */
export const loadEnlargingModel = (
  nameOrPath: string,
  environment?: Readonly<Record<string, string | undefined>>,
): Promise<LoadedNetwork> => loadEnlargingModelFrom(modelLibrary(environment), nameOrPath);

async function installedModels(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<InstalledModel[]> {
  const found = new Map<string, InstalledModel>();
  for (const folder of modelFolders(environment)) {
    const files = await readdir(folder).catch((): string[] => []);
    for (const file of files.filter((one) => one.endsWith(modelSuffix)).sort()) {
      const name = basename(file, modelSuffix);
      if (!found.has(name)) found.set(name, { name, path: join(folder, file) });
    }
  }
  return [...found.values()];
}

/** Reads the file of a model. @throws StyleError as `readWeightsFile` does, with where models come from */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readWeightsFile(path);
  } catch (error) {
    if (!(error instanceof StyleError) || error.code !== 'E_INPUT_MISSING') throw error;
    throw new StyleError(
      error.code,
      `There is no model file "${path}".`,
      'Check the path, or give the name of a style or model.',
      { cause: error.cause },
    );
  }
}
