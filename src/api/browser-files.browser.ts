import { StyleError } from '../errors.js';
import { decodeBitmap, decodeBlob, encodeBlob } from '../images/codec.browser.js';
import type { DecodeOptions } from '../images/codec.js';
import { isPixels, readPixels } from '../images/pixels.js';
import { WebModels } from '../weights/web-models.browser.js';
import { isBitmap, isBlob, isImage } from './picture-source.js';
import type { Platform } from './platform.js';

/** What WebAssembly can address, less what ONNX Runtime and the page take themselves. */
const wasmMemory = 3e9;

/** What browsers have beside a runtime, in a page or in a worker: pictures by the browser's own codecs, weights by `fetch`. */
export const browserFiles: Omit<Platform, 'createRuntime'> = {
  software: 'Pastiche',
  loadNetwork: (name, { models } = {}) => new WebModels(models).loadNetwork(name),
  loadModel: (name, { models } = {}) => new WebModels(models).loadModel(name),
  loadAnyStyleModel: (name, { models } = {}) => new WebModels(models).loadAnyStyleModel(name),
  loadEnlargingModel: (name, { models } = {}) => new WebModels(models).loadEnlargingModel(name),
  async readPicture(source, name, { maxPixels, longSide }) {
    if (isImage(source)) return source;
    const options: DecodeOptions = {
      ...(maxPixels === undefined ? {} : { maxPixels }),
      ...(longSide === undefined ? {} : { longSide }),
    };
    if (isPixels(source)) return readPixels(source, name, options);
    if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
      return decodeBlob(new Blob([source as Uint8Array<ArrayBuffer>]), name, options);
    }
    if (isBlob(source))
      return decodeBlob(source as Blob, 'name' in source ? String(source.name) : name, options);
    if (isBitmap(source)) return decodeBitmap(source as ImageBitmap, name, options);
    return decodeBlob(await fetchFile(source, 'picture'), String(source), options);
  },
  examplePicture(name) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no example picture "${name}" in a page.`,
      'Give a picture: the package comes without its examples.',
    );
  },
  readState: async (source) => new Uint8Array(await (await fetchFile(source, 'state')).arrayBuffer()),
  async encodePicture(image, format, options) {
    return new Uint8Array(await (await encodeBlob(image, format, options)).arrayBuffer());
  },
  writePicture: (path) =>
    Promise.reject(
      new StyleError(
        'E_OUTPUT',
        `A page can't write the file "${path}".`,
        'Take the picture with blob() and offer it as a download, or show its pixels() on a canvas.',
      ),
    ),
  availableMemory: () => wasmMemory,
};

/** @throws StyleError `E_INPUT_MISSING` where there is none, `E_DOWNLOAD` when it can't be fetched */
async function fetchFile(source: string | URL, what: string): Promise<Blob> {
  const address = new URL(source, location.href).href;
  let response: Response;
  try {
    response = await fetch(address);
    if (response.ok) return await response.blob();
  } catch (cause) {
    throw new StyleError(
      'E_DOWNLOAD',
      `The ${what} ${address} can't be fetched: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Check the address and the network; a server elsewhere has to allow this page by CORS.',
      { cause },
    );
  }
  throw new StyleError(
    response.status === 404 ? 'E_INPUT_MISSING' : 'E_DOWNLOAD',
    response.status === 404
      ? `There is no ${what} at ${address}.`
      : `The server answers ${response.status} for the ${what} ${address}.`,
    'Check the address.',
  );
}
