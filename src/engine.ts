/**
 * The engine of Pastiche, `pastiche/engine`: expressions and their gradients, networks, losses, optimisers, and what a new
 * method is made from.
 * @packageDocumentation
 */
export * as graph from './graph/index.js';
export { createRandom, type Random } from './random.js';
export {
  runOnce,
  type InputValues,
  type OutputValues,
  type Program,
  type Runtime,
} from './runtime/runtime.js';
export type { ConvolutionWeights, VggWeights } from './networks/vgg-weights.js';
export {
  resolveLayer,
  vggLayers,
  type FeatureLayer,
  type VggArchitecture,
  type VggLayer,
} from './networks/vgg-layers.js';
export { findLayer, vggFeatures, type Pooling, type VggOptions } from './networks/vgg.js';
export {
  convolutionShapes,
  normalizationChannels,
  receptiveRadius,
  transformationNetwork,
  transformationNetworkShapes,
  type Normalization,
  type TransformationForm,
  type TransformationNetworkOptions,
} from './networks/transformation-network.js';
export {
  enlargingNetwork,
  enlargingNetworkShapes,
  enlargingRadius,
  type EnlargingFactor,
  type EnlargingNetworkOptions,
} from './networks/enlarging-network.js';
export { channelStatistics, channelStatisticsLoss } from './losses/channel-statistics.js';
export { contentLoss } from './losses/content.js';
export { gramLoss, gramMatrix, type GramNormalization } from './losses/gram.js';
export { histogramLayers, histogramLoss } from './losses/histogram.js';
export { autoTune, type AutoTuneOptions } from './losses/auto-tune.js';
export { laplacian, laplacianLoss } from './losses/laplacian.js';
export { patchLoss, patchTargets, type LayerMap, type PatchTargets } from './losses/patches.js';
export type { LossReduction } from './losses/reduction.js';
export { RegionGuides, type GuidePlanes } from './losses/region-guides.js';
export { lossTermNames, type Losses, type LossTerm, type TermFactors } from './losses/terms.js';
export { totalVariation, type TotalVariationForm } from './losses/total-variation.js';
export { RankTarget, type TieRule } from './ranks/rank-matching.js';
export { Adam, type AdamOptions } from './optimizers/adam.js';
export { BoundedLbfgs, type BoundedLbfgsOptions } from './optimizers/bounded-lbfgs.js';
export { GradientDescent, type GradientDescentOptions } from './optimizers/gradient-descent.js';
export { Lbfgs, type LbfgsOptions } from './optimizers/lbfgs.js';
export {
  constantRate,
  cosineDecay,
  warmedUp,
  stepDecay,
  type LearningRateSchedule,
} from './optimizers/learning-rate.js';
export type {
  Evaluation as ObjectiveEvaluation,
  FloatArray,
  Objective,
  Optimizer,
  OptimizerState,
  Step,
} from './optimizers/optimizer.js';
export { parseOptions } from './methods/options.js';
export { pictureInput, pictureOf } from './methods/optimization/graph-inputs.js';
export { lossWithGradient } from './methods/optimization/loss-terms.js';
export { sumOfTerms } from './losses/sum-of-terms.js';
export { objectiveOf, type PictureObjective } from './methods/optimization/picture-objective.js';
export type { OptimizationSettings, OptimizerSettings } from './methods/optimization/optimizer-settings.js';
export {
  walkMethod,
  type GraphUse,
  type WalkDefinition,
  type WalkStages,
} from './methods/optimization/walk-method.js';
export { withVariants } from './methods/variants.js';
export { patchMatch, PatchMatcher, type PatchMatch, type PatchSearch } from './patch-match/patch-matcher.js';
export { matchColors as transferColors } from './images/color-matching.js';
export { methodFunction } from './api/method-function.js';
export type { Platform } from './api/platform.js';
export type { PictureDivision, PictureSizes, TilesPart } from './methods/division.js';
export type {
  DividedMethod,
  Fact,
  Method,
  MethodContext,
  MethodDescription,
  MethodExample,
  MethodOutput,
  MethodSubject,
  MethodTask,
  PictureCounts,
  PictureOrWord,
  PictureRole,
  PictureSet,
} from './methods/method.js';
export type { ScalePlan } from './methods/plan.js';
export type { Part } from './images/image.js';
export type { PictureSink, SampleForm } from './images/picture-sink.js';
export type { Raster, SampledRaster } from './images/raster.js';
export type { SampledPicture, Samples } from './images/sampled-picture.js';
export { contactSheet, type LabelledImage } from './images/contact-sheet.js';
export { fitLongSide, type ResizeKernel } from './images/resize.js';
export type { PictureMemory } from './methods/picture-memory.js';
export type { KeptPrograms } from './runtime/kept-programs.js';
export type { ProgramCache } from './runtime/program-cache.js';
export type { Variant, VariantsDefinition } from './methods/variants.js';
export type { ReadyScale, StageListener } from './methods/optimization/walk.js';
export type {
  ActivationMatching,
  MatchedLayers,
  MatchedPlaces,
} from './methods/optimization/activation-matching.js';
export type { PixelUnit } from './methods/optimization/optimizer-settings.js';
export type { CompiledObjective, PictureEvaluation } from './methods/optimization/picture-objective.js';
export type { LayerWeights } from './methods/optimization/layer-weights.js';
export type { applyOptionsSchema } from './methods/apply/options.js';
export type { enlargeOptionsSchema } from './methods/enlarge/options.js';
export type { ConditionalNetworkOptions } from './networks/conditional-network.js';
export type { NetworkKind } from './weights/models.js';
export type { evaluateOptionsSchema, EvaluatePictures } from './methods/evaluate/evaluate-method.js';
export type { HarmonizePictures } from './methods/harmonize/harmonize-method.js';
export type { harmonizeOptionsSchema } from './methods/harmonize/options.js';
export type { matchOptionsSchema, MatchPictures } from './methods/match/match-method.js';
export {
  drawCorrespondence,
  drawScores,
  rebuildFromPatches,
  type Correspondence,
  type MapScale,
} from './methods/match/correspondence-pictures.js';
export type { MatchColorsPictures } from './methods/match-colors/match-colors-method.js';
export type { NeighborOptions, neighborOptionsSchema } from './methods/neighbors/options.js';
export type { PatchStyleOptions, patchStyleOptionsSchema } from './methods/patches/options.js';
export type { ReconstructPictures } from './methods/reconstruct/reconstruct-method.js';
export type { reconstructOptionsSchema } from './methods/reconstruct/options.js';
export type { StylizePictures } from './methods/stylize/gram-method.js';
export type { StylizeOptions as GramOptions, stylizeOptionsSchema } from './methods/stylize/options.js';
export type { StyleMask } from './methods/stylize/regions.js';
export type { TexturePictures } from './methods/texture/texture-method.js';
export type { textureOptionsSchema } from './methods/texture/options.js';
export type { colorMatchingOptionsSchema } from './images/color-matching.js';
export {
  checkEncoding,
  defaultMaxPixels,
  defaultQuality,
  type DecodeOptions,
  type ReadingBytes,
  type SizeOptions,
} from './images/codec.js';
export type {
  FileProgress,
  FrameProgress,
  PartProgress,
  PictureProgress,
  StageProgress,
} from './methods/progress.js';
export type { FeatureMaps, PatchOptions } from './patch-match/feature-maps.js';
export type { PatchMatchOptions } from './patch-match/patch-matcher.js';
export type { MethodFunction, PlannedFunction, SourceOf, Sources } from './api/method-function.js';
export type {
  ApplyFunction,
  CreateSession,
  EnlargeFunction,
  EvaluateFunction,
  HarmonizeFunction,
  MatchColorsFunction,
  MatchFunction,
  ReconstructFunction,
  StyleFunction,
  StylizeFunction,
  TextureFunction,
} from './api/method-functions.js';
export type { DeviceOptions, ModelOptions, ReadOptions } from './api/platform.js';
export type { PreparedMethod, RunOptions, SpeedEstimate } from './api/prepared-method.js';
export type { StyleErrorOptions } from './errors.js';
export type { Bounds } from './optimizers/sine-coordinates.js';
export { defaultNetworks, type ModelFile, type ModelRecord, type ModelSource } from './weights/registry.js';
export type { VggDescription } from './weights/vgg-description.js';
export type { ApplyPictures } from './methods/apply/apply-method.js';
export type { EnlargePictures } from './methods/enlarge/enlarge-method.js';
export type { ForeignModel, ForeignPicture } from './networks/foreign-model.js';
export type { PictureModel } from './networks/picture-model.js';
export type { EnlargingModel } from './networks/enlarging-model.js';
export type { CurvePoint } from './methods/optimization/walk-state.js';
export type { PlannedScale } from './methods/plan.js';
export type { StyledModel } from './networks/painting-style.js';
export type {
  styleOptionsSchema,
  StyleOptions,
  StyleOutcome,
  StylePictures,
} from './methods/style/style-method.js';
export type { AnyStyleModel } from './networks/any-style-model.js';
export type { PictureNetwork, Statistics } from './networks/picture-network.js';
export type { fastOptionsSchema, FastOptions } from './methods/fast/options.js';
export type { StyleModel } from './networks/style-model.js';
export type { CallResult } from './api/method-function.js';
export type { StyleDistances } from './methods/evaluate/evaluate-method.js';
export type { PicturePart } from './methods/optimization/walk-method.js';
export type { ImageMetadata } from './images/codec.js';
export type { MagentaDescription, ModelVerification } from './weights/models.js';
export type { MagentaPart } from './networks/magenta.js';
