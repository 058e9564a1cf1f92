/**
 * Pastiche in browsers: the same names as in Node.js. What needs files or ONNX Runtime's native library is refused until
 * there is a runtime for browsers.
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
