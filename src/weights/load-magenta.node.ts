import { basename, dirname, join } from 'node:path';
import { parseTflite, type TfliteModel } from '../formats/tflite.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import { magentaModel } from '../networks/magenta.js';
import { findModelByName, missingNetwork } from './model-files.node.js';
import { findModelRecord, magentaName, recordsOfFiles } from './registry.js';
import { readWeightsFile } from './weights-file.node.js';

/**
 * Loads Magenta's network for any style, by the files of its two parts in the folders of PASTICHE_MODELS, the package's own or the
 * cache; both have to be in the same one.
 * @param environment where PASTICHE_MODELS and PASTICHE_CACHE are looked up; the process's own unless given
 * @throws StyleError `E_WEIGHTS_MISSING` where it is not installed; `E_INPUT_PERMISSION` for files that can't be read;
 * `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT` for files that are damaged or others
 */
export async function loadMagenta(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<AnyStyleModel> {
  const path = await findModelByName(magentaName, environment);
  if (path === undefined) throw missingNetwork(magentaName, environment, 'model');
  const files = recordsOfFiles(findModelRecord(magentaName)!).map(({ fileName }) => fileName);
  const read = async (fileName: string): Promise<TfliteModel> => {
    const file = join(dirname(path), fileName);
    return parseTflite(await readWeightsFile(file), basename(file));
  };
  const [predict, transfer] = await Promise.all(files.map(read));
  return magentaModel(predict!, transfer!);
}
