import { freemem, totalmem } from 'node:os';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentError, StyleError } from '../errors.js';
import { decodeImage, encodeImage, readImage, writeImage } from '../images/codec.node.js';
import { isPixels, readPixels } from '../images/pixels.js';
import { packageFolder } from '../package-folder.node.js';
import { createWorkerRuntime } from '../runtime/worker-runtime.node.js';
import { packageVersion } from '../version.node.js';
import { loadNetwork } from '../weights/load-network.node.js';
import { loadAnyStyleModel } from '../weights/load-any-style.node.js';
import { loadEnlargingModel, loadModel } from '../weights/load-model.node.js';
import { isBitmap, isBlob, isImage } from './picture-source.js';
import type { ModelOptions, Platform } from './platform.js';

/** Node.js: files, sharp, and ONNX Runtime in a worker thread. */
export const nodePlatform: Platform = {
  software: `Pastiche ${packageVersion}`,
  createRuntime: (options) => createWorkerRuntime(options),
  loadNetwork: (name, options) => loadNetwork(name, environmentOf(options)),
  loadModel: (name, options) => loadModel(name, environmentOf(options)),
  loadAnyStyleModel: (name, options) => loadAnyStyleModel(name, environmentOf(options)),
  loadEnlargingModel: (name, options) => loadEnlargingModel(name, environmentOf(options)),
  async readPicture(source, name, { maxPixels, longSide }) {
    if (isImage(source)) return source;
    const options = {
      ...(maxPixels === undefined ? {} : { maxPixels }),
      ...(longSide === undefined ? {} : { longSide }),
    };
    if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
      return decodeImage(new Uint8Array(source as ArrayBuffer), name, options);
    }
    if (isBlob(source)) return decodeImage(new Uint8Array(await source.arrayBuffer()), name, options);
    if (isPixels(source)) return readPixels(source, name, options);
    if (isBitmap(source)) {
      throw argumentError(
        name,
        `The picture ${name} is an ImageBitmap, which only browsers can read.`,
        'Give the bytes of its file.',
      );
    }
    return readImage(typeof source === 'string' ? source : filePath(source), options);
  },
  examplePicture(name) {
    const path = join(packageFolder, 'examples', name);
    if (existsSync(path)) return path;
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no example picture "${path}".`,
      'Name a picture: the package was installed without its examples.',
    );
  },
  async readState(source) {
    const path = typeof source === 'string' ? source : filePath(source);
    return readFile(path).catch((cause: unknown) => {
      const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      throw new StyleError(
        missing ? 'E_INPUT_MISSING' : 'E_INPUT_PERMISSION',
        missing ? `There is no state file "${path}".` : `The state file "${path}" can't be read.`,
        'Give the file that an interrupted run named, or start anew without the option resume.',
        { cause, option: 'resume' },
      );
    });
  },
  encodePicture: encodeImage,
  writePicture: writeImage,
  availableMemory() {
    // Older releases of Node.js 20 don't have it; it minds the limits of containers.
    const free = typeof process.availableMemory === 'function' ? process.availableMemory() : freemem();
    // On macOS only pages that never held anything count as free, though most of the others are available as well.
    return process.platform === 'darwin' ? Math.max(free, totalmem() / 2) : free;
  },
};

/** @throws StyleError `E_ARGUMENT` for an address that is no file's */
function filePath(url: URL): string {
  if (url.protocol === 'file:') return fileURLToPath(url);
  throw new StyleError(
    'E_ARGUMENT',
    `A picture can't be read from ${url.href}.`,
    'Give a file: address, a path, or the bytes.',
  );
}

/** The process's environment, with a folder of models before the others. */
function environmentOf({ models }: ModelOptions = {}): NodeJS.ProcessEnv {
  if (models === undefined) return process.env;
  const folder = typeof models === 'string' ? models : filePath(models);
  return { ...process.env, PASTICHE_MODELS: [folder, process.env['PASTICHE_MODELS'] ?? ''].join(delimiter) };
}
