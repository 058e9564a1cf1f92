/**
 * Pastiche: neural style transfer. What is the same in Node.js and in browsers; the entries `node.ts` and `browser.ts` add
 * the methods as functions. Both are the package `pastiche`, chosen by its conditional exports.
 * @packageDocumentation
 */
export { StyleError, type StyleErrorCode } from './errors.js';
export { isAbortError } from './abort.js';
export { createImage, type Image as RawImage, type Size } from './images/image.js';
export { resizeImage } from './images/resize.js';
export type { EncodeOptions, ImageFormat, ImageSize } from './images/codec.js';
export type { ColorMatchingOptions } from './images/color-matching.js';
export type { Losses, LossTerm } from './losses/terms.js';
export { blendStyles, type PaintingStyle } from './networks/painting-style.js';
export type { VggWeights } from './networks/vgg-weights.js';
export type { DeviceName } from './runtime/device-names.js';
export type { Runtime } from './runtime/runtime.js';
export { demonstrations, methods } from './methods/index.js';
export type { AnyMethod, FilmOutcome, MethodOutcome, PictureOutcome } from './methods/method.js';
export type { MethodPlan } from './methods/plan.js';
export type { IterationProgress, Progress, ProgressListener } from './methods/progress.js';
export type { OptimizedPicture } from './methods/optimization/walk-method.js';
export type { Evaluation, EvaluateOptions } from './methods/evaluate/evaluate-method.js';
export type { HarmonizeOptions } from './methods/harmonize/options.js';
export type { MatchOptions, PictureMatch } from './methods/match/match-method.js';
export type { ReconstructOptions } from './methods/reconstruct/options.js';
export { stylizePresets, type StylizePreset, type StylizePresetName } from './methods/stylize/presets.js';
export type { ApplyOptions } from './methods/apply/options.js';
export type { EnlargeOptions } from './methods/enlarge/options.js';
export type { StylizeOptions } from './methods/stylize/stylize-method.js';
export type { TextureOptions } from './methods/texture/options.js';
export type { CallOptions, MethodRequest, MethodResult, WritablePicture } from './api/method-function.js';
export type { MethodRun } from './api/method-run.js';
export type { DeviceOptions, PictureSource } from './api/platform.js';
export type {
  DownloadProgress,
  KnownModel,
  LoadedNetwork,
  PulledModel,
  PullOptions,
} from './weights/models.js';
export type { Session, SessionOptions } from './api/session.js';
