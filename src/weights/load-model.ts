import { StyleError } from '../errors.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import { parseEnlargingModel } from '../networks/enlarging-model.js';
import type { ForeignModel } from '../networks/foreign-model.js';
import { blendStyles, parseStyle, styleSuffix, type PaintingStyle } from '../networks/painting-style.js';
import { isForeignModel, parsePictureModel } from '../networks/picture-model.js';
import { anyStyleModelOf, parseStyleDecoderModel } from '../networks/style-decoder-model.js';
import type { StyleModel } from '../networks/style-model.js';
import { baseName, isPath, modelSuffix, type ModelLibrary } from './model-library.js';
import type { LoadedNetwork } from './models.js';

/** The files of styles, each with a weight if there is a colon after it. */
const stylesPattern = /^(?:[^,]+\.json(?::[^,:]*)?)(?:,[^,]+\.json(?::[^,:]*)?)*$/i;

/**
 * Loads a model that makes pictures, or the style of a painting, which names the model that it is for. The files of styles end in
 * `.json`; several with commas between, each with a colon and a weight, are blended: `day.json:0.3,night.json:0.7`. What else has
 * a slash or a suffix is a path; anything else is the name of a model of the library, or of a style that one of these models has.
 * @throws StyleError `E_WEIGHTS_MISSING` with all names where there is none; otherwise as {@link parsePictureModel}
 */
export async function loadModelFrom(
  library: ModelLibrary,
  nameOrPath: string,
): Promise<LoadedNetwork<StyleModel | ForeignModel | PaintingStyle>> {
  if (stylesPattern.test(nameOrPath)) return loadStyles(library, nameOrPath.split(','));
  if (isPath(nameOrPath)) {
    return { name: baseName(nameOrPath, modelSuffix), weights: await readPicture(library, nameOrPath) };
  }
  const installed = await library.models();
  const named = installed.find(({ name }) => name === nameOrPath);
  if (named !== undefined) return { name: named.name, weights: await readPicture(library, named.path) };
  const names: string[] = [];
  let adjustable: LoadedNetwork<StyleModel> | undefined;
  for (const { name, path } of installed) {
    const model = await readOther(library, path);
    if (model === undefined) continue;
    if (isForeignModel(model)) {
      names.push(name);
      continue;
    }
    names.push(name, ...model.styles);
    if (!model.styles.includes(nameOrPath)) continue;
    const found = { name: `${name}, ${nameOrPath}`, weights: { ...model, chosen: nameOrPath } };
    // A style by its name alone is as good as it gets: a network that can also be adjusted is asked for by its own name.
    if (model.knobs.length === 0) return found;
    adjustable ??= found;
  }
  if (adjustable !== undefined) return adjustable;
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
export async function loadEnlargingModelFrom(
  library: ModelLibrary,
  nameOrPath: string,
): Promise<LoadedNetwork> {
  const path = await modelPath(library, nameOrPath, 'super-resolution');
  const weights = parseEnlargingModel(await library.read(path), baseName(path));
  return { name: baseName(path, modelSuffix), weights };
}

/**
 * Loads a network for any painting that the training of any style made, by its path or its name.
 * @throws StyleError `E_WEIGHTS_MISSING` where there is none; otherwise as `parseStyleDecoderModel`
 */
export async function loadStyleDecoderFrom(
  library: ModelLibrary,
  nameOrPath: string,
): Promise<LoadedNetwork<AnyStyleModel>> {
  const path = await modelPath(library, nameOrPath, 'any style');
  const model = parseStyleDecoderModel(await library.read(path), baseName(path));
  return {
    name: baseName(path, modelSuffix),
    weights: anyStyleModelOf(nameOrPath, model),
  };
}

/**
 * The file of a model, by its path or its name.
 * @param training what makes such models, for the message
 */
async function modelPath(library: ModelLibrary, nameOrPath: string, training: string): Promise<string> {
  if (isPath(nameOrPath)) return nameOrPath;
  const found = (await library.models()).find(({ name }) => name === nameOrPath);
  if (found !== undefined) return found.path;
  throw new StyleError(
    'E_WEIGHTS_MISSING',
    `There is no model "${nameOrPath}".`,
    `Give the path of a model that the training of ${training} made.`,
    { option: 'model' },
  );
}

/** @throws StyleError `E_ARGUMENT` for weights that can't be used, and styles of different networks */
async function loadStyles(
  library: ModelLibrary,
  texts: readonly string[],
): Promise<LoadedNetwork<PaintingStyle>> {
  const named = texts.map((text) => {
    const at = text.lastIndexOf(':');
    // `C:` begins a path on Windows.
    const path = at > 1 && !text.endsWith(styleSuffix) ? text.slice(0, at) : text;
    const weight = text.slice(path.length + 1).trim();
    return { path, weight: path === text ? 1 : weight === '' ? NaN : Number(weight) };
  });
  const styles: PaintingStyle[] = [];
  for (const { path } of named) styles.push(parseStyle(await library.read(path), baseName(path)));
  const blended = blendStyles(
    styles,
    named.map(({ weight }) => weight),
  );
  return { name: named.map(({ path }) => baseName(path, styleSuffix)).join(' and '), weights: blended };
}

const readPicture = async (library: ModelLibrary, path: string): Promise<StyleModel | ForeignModel> =>
  parsePictureModel(await library.read(path), baseName(path));

/** A model of pictures; undefined for one that makes them larger. */
const readOther = (library: ModelLibrary, path: string): Promise<StyleModel | ForeignModel | undefined> =>
  readPicture(library, path).catch((error: unknown) => {
    if (error instanceof StyleError && error.code === 'E_WEIGHTS_FORMAT') return undefined;
    throw error;
  });
