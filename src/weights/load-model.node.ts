import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StyleError } from '../errors.js';
import { blendStyles, parseStyle, styleSuffix, type PaintingStyle } from '../networks/painting-style.js';
import { isForeignModel, parsePictureModel } from '../networks/picture-model.js';
import type { ForeignModel } from '../networks/foreign-model.js';
import type { StyleModel } from '../networks/style-model.js';
import { parseEnlargingModel } from '../networks/enlarging-model.js';
import { isPath, modelFolders } from './model-files.node.js';
import type { LoadedNetwork } from './models.js';
import { readWeightsFile } from './weights-file.node.js';

const suffix = '.onnx';

/** A model of a folder, with its name. */
interface InstalledModel {
  readonly name: string;
  readonly path: string;
}

/** The files of styles, each with a weight if there is a colon after it. */
const stylesPattern = /^(?:[^,]+\.json(?::[^,:]*)?)(?:,[^,]+\.json(?::[^,:]*)?)*$/i;

/**
 * Loads a model that makes pictures, or the style of a painting, which names the model that it is for. The files of styles end in
 * `.json`; several with commas between, each with a colon and a weight, are blended: `day.json:0.3,night.json:0.7`. What else has a slash or a suffix is a path; anything else is the name of a model in the folders of
 * PASTICHE_MODELS, those of the package or those that were downloaded, `NAME.onnx`, or of a style that one of these models has.
 * @throws StyleError `E_WEIGHTS_MISSING` with all names where there is none; otherwise as {@link parsePictureModel}
 */
export async function loadModel(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LoadedNetwork<StyleModel | ForeignModel | PaintingStyle>> {
  if (stylesPattern.test(nameOrPath)) return loadStyles(nameOrPath.split(','));
  if (isPath(nameOrPath)) {
    return { name: basename(nameOrPath, suffix), weights: await read(nameOrPath) };
  }
  const installed = await installedModels(environment);
  const named = installed.find(({ name }) => name === nameOrPath);
  if (named !== undefined) return { name: named.name, weights: await read(named.path) };
  const names: string[] = [];
  for (const { name, path } of installed) {
    const model = await readPictures(path);
    if (model === undefined) continue;
    const styles = isForeignModel(model) ? [] : model.styles;
    if (styles.includes(nameOrPath))
      return { name: `${name}, ${nameOrPath}`, weights: { ...model, chosen: nameOrPath } };
    names.push(name, ...styles);
  }
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `There is no model or style "${nameOrPath}".`,
    names.length === 0
      ? 'Give the path of a model that the training of styles made.'
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
  const path = await modelPath(nameOrPath, environment, 'super-resolution');
  const weights = parseEnlargingModel(await readModelFile(path), basename(path));
  return { name: basename(path, suffix), weights };
}

/**
 * The file of a model, by its path or by its name in the folders of models.
 * @param training what makes such models, for the message
 * @throws StyleError `E_WEIGHTS_MISSING` where there is none of that name
 */
export async function modelPath(
  nameOrPath: string,
  environment: Readonly<Record<string, string | undefined>>,
  training: string,
): Promise<string> {
  if (isPath(nameOrPath)) return nameOrPath;
  const found = (await installedModels(environment)).find(({ name }) => name === nameOrPath);
  if (found !== undefined) return found.path;
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `There is no model "${nameOrPath}".`,
    `Give the path of a model that the training of ${training} made.`,
    { option: 'model' },
  );
}

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

/** @throws StyleError `E_ARGUMENT` for weights that can't be used, and styles of different networks */
async function loadStyles(texts: readonly string[]): Promise<LoadedNetwork<PaintingStyle>> {
  const named = texts.map((text) => {
    const at = text.lastIndexOf(':');
    // `C:` begins a path on Windows.
    const path = at > 1 && !text.endsWith(styleSuffix) ? text.slice(0, at) : text;
    const weight = text.slice(path.length + 1).trim();
    return { path, weight: path === text ? 1 : weight === '' ? NaN : Number(weight) };
  });
  const styles: PaintingStyle[] = [];
  for (const { path } of named) styles.push(parseStyle(await readModelFile(path), basename(path)));
  const blended = blendStyles(
    styles,
    named.map(({ weight }) => weight),
  );
  return { name: named.map(({ path }) => basename(path, styleSuffix)).join(' and '), weights: blended };
}

const read = async (path: string): Promise<StyleModel | ForeignModel> =>
  parsePictureModel(await readModelFile(path), basename(path));

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

/** A model of pictures; undefined for one that makes them larger. */
const readPictures = (path: string): Promise<StyleModel | ForeignModel | undefined> =>
  read(path).catch((error: unknown) => {
    if (error instanceof StyleError && error.code === 'E_WEIGHTS_FORMAT') return undefined;
    throw error;
  });
