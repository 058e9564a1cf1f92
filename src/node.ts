/**
 * Pastiche in Node.js: everything of `pastiche`, and files, the sharp codec, ONNX Runtime and the lookup of weights.
 * @packageDocumentation
 */
export * from './index.js';
export {
  checkEncoding,
  defaultMaxPixels,
  defaultQuality,
  imageFormatOf,
  imageSuffixes,
  type DecodeOptions,
  type EncodeOptions,
  type ImageCodec,
  type ImageFormat,
  type ImageMetadata,
} from './images/codec.js';
export {
  checkWritable,
  decodeImage,
  encodeImage,
  readImage,
  sharpCodec,
  writeImage,
} from './images/codec.node.js';
export { availableDevices, deviceNames, type DeviceName } from './runtime/devices.node.js';
export { createNativeRuntime, type NativeRuntime, type NativeRuntimeOptions } from './runtime/native.node.js';
export { createParallelRuntimes } from './runtime/parallel-runtimes.node.js';
export { createWorkerRuntime } from './runtime/worker-runtime.node.js';
export { findModel, loadVggWeights, modelFolders } from './weights/model-files.node.js';
export { loadNetwork, type LoadedNetwork } from './jobs/network.node.js';
export type { MachineOrder } from './jobs/machine.node.js';
export type { EncodingOrder } from './jobs/picture-encoding.js';
export { stylizeFiles } from './jobs/stylize-files.node.js';
export {
  stylizePatchesFile,
  type StylizePatchesOrder,
  type StylizePatchesResult,
} from './jobs/stylize-patches-file.node.js';
export { planFiles, type PlannedFile, type StylizePlan } from './jobs/plan-files.node.js';
export {
  matchFiles,
  matchFileNames,
  type MatchFilesResult,
  type MatchOrder,
} from './jobs/match-files.node.js';
export type {
  MachineFacts,
  OptimizationFileProgress,
  OptimizationOrder,
  OptimizedFile,
  TurnProgress,
} from './jobs/optimize-file.node.js';
export {
  harmonizeFiles,
  type HarmonizeFilesResult,
  type HarmonizeOrder,
} from './jobs/harmonize-files.node.js';
export { textureFiles, type TextureFilesResult, type TextureOrder } from './jobs/texture-files.node.js';
export {
  reconstructAllFiles,
  reconstructFiles,
  type ReconstructAllOrder,
  type ReconstructAllResult,
  type ReconstructFilesResult,
  type ReconstructOrder,
} from './jobs/reconstruct-files.node.js';
export { evaluateFiles, type EvaluateFilesResult, type EvaluateOrder } from './jobs/evaluate-files.node.js';
export {
  matchColorsFiles,
  type MatchColorsOrder,
  type MatchColorsResult,
} from './jobs/match-colors-files.node.js';
export {
  gramInstabilityPage,
  type GramInstabilityOrder,
  type GramInstabilityPageResult,
} from './jobs/gram-instability-page.node.js';
export type {
  FailedFile,
  FileProgress,
  PictureProgress,
  RunEnvironment,
  StylizedFile,
  StylizeFilesProgress,
  StylizeFilesResult,
  StylizeOrder,
  Versions,
} from './jobs/stylize-order.js';
export {
  CheckpointFolder,
  readCheckpoint,
  type CheckpointFolderOptions,
  type LatestCheckpoint,
} from './training/checkpoint-folder.node.js';
export {
  PictureStream,
  type PictureBatch,
  type PictureStreamOptions,
  type SkippedPicture,
} from './training/picture-stream.node.js';
export type { CropScales } from './training/picture-crops.js';
export { findPictures } from './training/picture-folders.node.js';
export {
  trainPerceptual,
  type TrainPerceptualOrder,
  type TrainPerceptualResult,
} from './jobs/train-perceptual.node.js';
export { packageVersion } from './version.node.js';
