import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StyleError } from '../errors.js';
import { parseEnlargingModel } from '../networks/enlarging-model.js';
import { parseStyleModel, type StyleModel } from '../networks/style-model.js';
import { modelFolders } from './model-files.node.js';
import type { LoadedNetwork } from './models.js';
import { readWeightsFile } from './weights-file.node.js';

const suffix = '.onnx';

/** A model of a folder, with its name. */
interface InstalledModel {
  readonly name: string;
  readonly path: string;
}

/**
 * Loads a model that makes pictures. What has a slash or a suffix is a path; anything else is the name of a model in the folders of
 * PASTICHE_MODELS, those of the package or those that were downloaded, `NAME.onnx`, or of a style that one of these models has.
 * @throws StyleError `E_WEIGHTS_MISSING` with all names where there is none; otherwise as `parseStyleModel`
 */
export async function loadModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork> {
  if (isPath(nameOrPath)) {
    return { name: basename(nameOrPath, suffix), weights: await read(nameOrPath) };
  }
  const installed = await installedModels(environment);
  const named = installed.find(({ name }) => name === nameOrPath);
  if (named !== undefined) return { name: named.name, weights: await read(named.path) };
  const names: string[] = [];
  for (const { name, path } of installed) {
    const model = await readStyles(path);
    if (model === undefined) continue;
    if (model.styles.includes(nameOrPath))
      return { name: `${name}, ${nameOrPath}`, weights: { ...model, chosen: nameOrPath } };
    names.push(name, ...model.styles);
  }
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `There is no model or style "${nameOrPath}".`,
    names.length === 0
      ? 'Give the path of a model that `pastiche train style` made.'
      : `Take one of ${[...new Set(names)].join(', ')}, or give the path of a file.`,
    { option: 'model' },
  );
}

/**
 * Loads a model that makes pictures larger, by its path or its name.
 * @throws StyleError `E_WEIGHTS_MISSING` where there is none; otherwise as `parseEnlargingModel`
 */
export async function loadEnlargingModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork> {
  const path = isPath(nameOrPath)
    ? nameOrPath
    : (await installedModels(environment)).find(({ name }) => name === nameOrPath)?.path;
  if (path === undefined) {
    throw new StyleError(
      'E_WEIGHTS_MISSING',
      `There is no model "${nameOrPath}".`,
      'Give the path of a model that `pastiche train super-resolution` made.',
      { option: 'model' },
    );
  }
  const weights = parseEnlargingModel(await readWeightsFile(path), basename(path));
  return { name: basename(path, suffix), weights };
}

/** What has a slash or a suffix. */
const isPath = (nameOrPath: string): boolean => /[\\/]|\.[a-z0-9]+$/i.test(nameOrPath);

/** The models of all folders, by their file names, each name once. */
async function installedModels(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<InstalledModel[]> {
  const found = new Map<string, InstalledModel>();
  for (const folder of modelFolders(environment)) {
    const files = await readdir(folder).catch((): string[] => []);
    for (const file of files.filter((one) => one.endsWith(suffix)).sort()) {
      const name = basename(file, suffix);
      if (!found.has(name)) found.set(name, { name, path: join(folder, file) });
    }
  }
  return [...found.values()];
}

const read = async (path: string): Promise<StyleModel> =>
  parseStyleModel(await readWeightsFile(path), basename(path));

/** A model that has styles; undefined for one of another kind. */
const readStyles = (path: string): Promise<StyleModel | undefined> =>
  read(path).catch((error: unknown) => {
    if (error instanceof StyleError && error.code === 'E_WEIGHTS_FORMAT') return undefined;
    throw error;
  });
