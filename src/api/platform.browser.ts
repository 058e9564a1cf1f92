import { createWebRuntime } from '../runtime/web-runtime.browser.js';
import { browserFiles } from './browser-files.browser.js';
import type { Platform } from './platform.js';

/** Browsers: pictures by the browser's own codecs, weights by `fetch`, ONNX Runtime in a Web Worker. */
export const browserPlatform: Platform = {
  ...browserFiles,
  createRuntime: ({ device, threads, wasm }) => createWebRuntime({ device, threads, wasm }),
};
