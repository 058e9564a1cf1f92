import { StyleError } from '../errors.js';
import { isImage } from './picture-source.js';
import type { Platform } from './platform.js';

/** What is still missing, and what a page can do without it. */
function missing(what: string, remedy: string): StyleError {
  return new StyleError('E_DEVICE', `In browsers Pastiche has no ${what} yet.`, remedy);
}

/**
 * Browsers: methods that need no network run on pictures in memory; the others need a session with a runtime. Codecs,
 * weights and the runtime for onnxruntime-web are not there yet.
 */
export const browserPlatform: Platform = {
  software: 'Pastiche',
  createRuntime() {
    throw missing('runtime', 'Give the call a session with a runtime, or use Node.js.');
  },
  loadNetwork: () => Promise.reject(missing('weights', 'Use Node.js.')),
  loadModel: () => Promise.reject(missing('weights', 'Use Node.js.')),
  loadAnyStyleModel: () => Promise.reject(missing('weights', 'Use Node.js.')),
  loadEnlargingModel: () => Promise.reject(missing('weights', 'Use Node.js.')),
  readPicture: (source) =>
    isImage(source)
      ? Promise.resolve(source)
      : Promise.reject(missing('picture codec', 'Give a picture of createImage.')),
  examplePicture() {
    throw missing('example pictures', 'Give a picture.');
  },
  readState: () => Promise.reject(missing('files', 'Give the bytes of the state.')),
  encodePicture: () => Promise.reject(missing('picture codec', 'Draw the planes of the result.')),
  writePicture: () => Promise.reject(missing('files', 'Draw the planes of the result.')),
  availableMemory: () => Infinity,
};
