/**
 * Pastiche in Node.js.
 * @packageDocumentation
 */
import { methodFunctions } from './api/method-functions.js';
import { nodePlatform } from './api/platform.node.js';

export * from './index.js';
export {
  decodeImage,
  decodeImageSize,
  encodeImage,
  readImage,
  readImageSize,
  writeImage,
} from './images/codec.node.js';
export { readingMemory } from './images/reading-memory.js';
export { loadNetwork } from './weights/load-network.node.js';
export { findModel, listModels, pullModel, verifyModel } from './weights/models.node.js';
export { planFiles } from './jobs/plan-files.node.js';
export { runFiles } from './jobs/run-files.node.js';
export type {
  FailedFile,
  FileResult,
  FilesPlan,
  FilesRequest,
  FilesResult,
  PlannedFile,
  RunEnvironment,
  Versions,
} from './jobs/files-request.js';
export { packageVersion } from './version.node.js';

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
} = methodFunctions(nodePlatform);
