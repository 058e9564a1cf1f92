import { StyleError } from '../errors.js';
import { parseTflite, type TfliteModel } from '../formats/tflite.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import { magentaModel } from '../networks/magenta.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { fetchWeights, hasFile } from './fetch-weights.browser.js';
import { loadEnlargingModelFrom, loadModelFrom, loadStyleDecoderFrom } from './load-model.js';
import { baseName, isPath, modelSuffix, type ModelLibrary } from './model-library.js';
import type { LoadedNetwork } from './models.js';
import { packageFiles } from './package-files.browser.js';
import { defaultNetworks, findModelRecord, magentaName, recordsOfFiles } from './registry.js';
import { readVggWeights } from './vgg-files.js';

/** The networks that a page has: those of the package, or those of a folder on a server. */
export class WebModels {
  private readonly folder: URL | undefined;
  private readonly library: ModelLibrary = {
    models: () =>
      Promise.resolve(
        Object.keys(packageFiles)
          .filter((file) => file.endsWith(modelSuffix))
          .map((file) => ({ name: baseName(file, modelSuffix), path: file })),
      ),
    read: (path) => this.read(path),
  };

  /** @param folder that of a server; the package's own unless given */
  constructor(folder?: string | URL) {
    this.folder =
      folder === undefined ? undefined : new URL(`${String(folder).replace(/\/$/, '')}/`, location.href);
  }

  /** @throws StyleError as `loadNetwork` does in Node.js */
  async loadNetwork(nameOrPath = defaultNetworks[0]!): Promise<LoadedNetwork<VggWeights>> {
    const file = isPath(nameOrPath) ? nameOrPath : await this.findNetwork(nameOrPath);
    return {
      name: baseName(nameOrPath),
      weights: await readVggWeights(await this.read(file), baseName(file)),
    };
  }

  /** @throws StyleError as {@link loadModelFrom} */
  loadModel(nameOrPath: string): ReturnType<typeof loadModelFrom> {
    return loadModelFrom(this.named(nameOrPath), nameOrPath);
  }

  /** @throws StyleError as {@link loadEnlargingModelFrom} */
  loadEnlargingModel(nameOrPath: string): Promise<LoadedNetwork> {
    return loadEnlargingModelFrom(this.named(nameOrPath), nameOrPath);
  }

  /** @throws StyleError `E_WEIGHTS_MISSING` where there is none; otherwise as {@link loadStyleDecoderFrom} */
  async loadAnyStyleModel(nameOrPath: string): Promise<LoadedNetwork<AnyStyleModel>> {
    if (nameOrPath !== magentaName) return loadStyleDecoderFrom(this.named(nameOrPath), nameOrPath);
    const files = recordsOfFiles(findModelRecord(magentaName)!).map(({ fileName }) => fileName);
    if (!(await this.has(files[0]!))) throw this.missing(magentaName, files.join(' and '), 'model');
    const read = async (file: string): Promise<TfliteModel> => parseTflite(await this.read(file), file);
    const [predict, transfer] = await Promise.all(files.map(read));
    return { name: magentaName, weights: magentaModel(predict!, transfer!) };
  }

  /** Servers don't list their files: beside the package's own models there is the one that is asked for, where it is there. */
  private named(name: string): ModelLibrary {
    const { library } = this;
    const file = `${name}${modelSuffix}`;
    return {
      ...library,
      models: async () => {
        const known = await library.models();
        if (isPath(name) || file in packageFiles || !(await this.has(file))) return known;
        return [{ name, path: file }, ...known];
      },
    };
  }

  private async findNetwork(name: string): Promise<string> {
    const published = findModelRecord(name)?.fileName;
    const files = [...new Set([`${name}.safetensors`, ...(published === undefined ? [] : [published])])];
    for (const file of files) if (await this.has(file)) return file;
    throw this.missing(name, files.join(' or '), 'network');
  }

  private async has(file: string): Promise<boolean> {
    return this.folder === undefined ? file in packageFiles : hasFile(new URL(file, this.folder));
  }

  private missing(name: string, files: string, option: string): StyleError {
    return new StyleError(
      'E_WEIGHTS_MISSING',
      `There is no network "${name}" ${this.folder === undefined ? 'in the package' : `at ${this.folder.href}`}.`,
      `Serve ${files} from a folder, and give its address as the option models.`,
      { option },
    );
  }

  /** A file by its name in the folder of models, or by an address or a path that the page knows. */
  private read(path: string): Promise<Uint8Array> {
    const own = packageFiles[path];
    if (own !== undefined && this.folder === undefined) return fetchWeights(own.url(), own.sha256);
    const isName = !/[\\/]/.test(path);
    return fetchWeights(new URL(path, isName && this.folder !== undefined ? this.folder : location.href));
  }
}
