/**
 * Pastiche in browsers: the same methods as in Node.js, on WebGPU or WebAssembly in a Web Worker.
 * @packageDocumentation
 */
import { methodFunctions } from './api/method-functions.js';
import { browserPlatform } from './api/platform.browser.js';

export * from './index.js';

export const {
  stylize,
  apply,
  style,
  enlarge,
  texture,
  reconstruct,
  harmonize,
  match,
  matchColors,
  evaluate,
  createSession,
} = methodFunctions(browserPlatform);
