/**
 * Pastiche: neural style transfer. This entry is isomorphic: it has no file access, no codecs and no runtime of its own.
 * `pastiche/node` adds them.
 * @packageDocumentation
 */
export { StyleError, type StyleErrorCode, type StyleErrorOptions } from './errors.js';
export type {
  IterationProgress,
  Losses,
  LossTerm,
  Progress,
  ProgressListener,
  StageProgress,
} from './progress.js';
export * as graph from './graph/index.js';
export type { InputValues, OutputValues, Program, Runtime } from './runtime/runtime.js';
export { createImage, type Image, type Size } from './images/image.js';
export { fitLongSide, resizeImage, type ResizeKernel } from './images/resize.js';
export {
  colorMatchingOptionsSchema,
  matchColors,
  type ColorMatchingOptions,
  type ColorMatchingSettings,
} from './images/color-matching.js';
export { greyPicture, luminanceOf, withLuminance } from './images/luminance.js';
export { paintedParts, paintOver } from './images/output-mask.js';
export {
  formatRegionColor,
  parseRegionColor,
  readRegionMask,
  type RegionColor,
  type RegionMask,
} from './images/region-map.js';
export type { AffineForm } from './images/affine-colors.js';
export type { ConvolutionWeights, VggWeights } from './networks/vgg-weights.js';
export {
  resolveLayer,
  vggLayers,
  type FeatureLayer,
  type VggArchitecture,
  type VggLayer,
} from './networks/vgg-layers.js';
export { vggFeatures, type Pooling, type VggOptions } from './networks/vgg.js';
export { channelStatistics, channelStatisticsLoss } from './losses/channel-statistics.js';
export { contentLoss } from './losses/content.js';
export { gramLoss, gramMatrix, type GramNormalization } from './losses/gram.js';
export { histogramLayers, histogramLoss } from './losses/histogram.js';
export { matchRanks, RankTarget, type TieRule } from './ranks/rank-matching.js';
export { autoTune, type AutoTuneOptions } from './losses/auto-tune.js';
export { laplacian, laplacianLoss } from './losses/laplacian.js';
export type { LossReduction } from './losses/reduction.js';
export { RegionGuides, type GuidePlanes } from './losses/region-guides.js';
export type { ActivationHistogram } from './losses/activation-histogram.js';
export { totalVariation, type TotalVariationForm } from './losses/total-variation.js';
export {
  evaluatePicture,
  type Evaluation,
  type EvaluationInput,
  type StyleDistances,
} from './methods/evaluate.js';
export {
  demonstrateGramInstability,
  gramInstabilityOptionsSchema,
  type GramInstability,
  type GramInstabilityInput,
  type GramInstabilityOptions,
  type GramInstabilitySettings,
  type LayerDistances,
  type LayerHistograms,
  type SynthesizedTexture,
  type TextbookMap,
} from './methods/gram-instability.js';
export type { TextureLosses } from './methods/gram-instability-texture.js';
export {
  PatchMatcher,
  patchMatch,
  type PatchMatch,
  type PatchMatchOptions,
} from './methods/patch-match/patch-matcher.js';
export type { FeatureMaps, PatchOptions } from './methods/patch-match/feature-maps.js';
export {
  matchOptionsSchema,
  matchPictures,
  resolveMatchSettings,
  type MatchInput,
  type MatchOptions,
  type MatchSettings,
  type PictureMatch,
} from './methods/match/match-pictures.js';
export {
  drawCorrespondence,
  drawScores,
  rebuildFromPatches,
  type Correspondence,
  type MapScale,
} from './methods/match/correspondence-pictures.js';
export { patchLoss, patchTargets, type LayerMap, type PatchTargets } from './losses/patches.js';
export {
  stylizeByPatches,
  type PatchStyleInput,
  type PatchStyleResult,
} from './methods/patches/stylize-by-patches.js';
export {
  patchStyleOptionsSchema,
  resolvePatchStyleSettings,
  type PatchStyleOptions,
  type PatchStyleSettings,
} from './methods/patches/options.js';
export {
  harmonize,
  planHarmonization,
  type HarmonizeInput,
  type HarmonizeResult,
} from './methods/harmonize/harmonize.js';
export {
  harmonizeOptionsSchema,
  resolveHarmonizeSettings,
  type HarmonizeOptions,
  type HarmonizeSettings,
} from './methods/harmonize/options.js';
export { estimateHarmonization, type HarmonizeEstimate } from './methods/harmonize/estimate.js';
export { encodeNpy } from './formats/npy.js';
export {
  Stylizer,
  type StylizeInput,
  type StylizeIteration,
  type StylizeProgress,
  type StylizeResult,
} from './methods/stylize/stylizer.js';
export {
  resolveStylizeSettings,
  stylizeOptionsSchema,
  type StylizeOptions,
  type StylizeSettings,
} from './methods/stylize/options.js';
export {
  defaultNetworks,
  stylizePresetNames,
  stylizePresets,
  type InitialPicture,
  type StylizePreset,
  type StylizePresetName,
} from './methods/stylize/presets.js';
export { decodeState, encodeState, type StylizeState } from './methods/stylize/saved-state.js';
export type { TermFactors } from './methods/tuned-factors.js';
export type { LayerWeights } from './methods/layer-weights.js';
export type { OptimizerName, OptimizerSettings, PixelUnit } from './methods/optimizer-settings.js';
export type { CurvePoint } from './methods/optimize-scale.js';
export type { OptimizationControl, OptimizationPlan, OptimizedPicture } from './methods/optimize-scales.js';
export { synthesizeTexture, type TextureResult } from './methods/texture/synthesize.js';
export {
  resolveTextureSettings,
  textureOptionsSchema,
  type TextureOptions,
  type TextureSettings,
} from './methods/texture/options.js';
export { planTexture, type TexturePlan, type TextureScale } from './methods/texture/plan.js';
export { estimateTexture, type TextureEstimate } from './methods/texture/estimate.js';
export {
  reconstruct,
  planReconstruction,
  type ReconstructResult,
} from './methods/reconstruct/reconstruct.js';
export {
  resolveReconstructSettings,
  reconstructOptionsSchema,
  type ReconstructOptions,
  type ReconstructSettings,
} from './methods/reconstruct/options.js';
export {
  reconstructionFigure,
  reconstructionLevels,
  type FigurePart,
  type ReconstructionLevel,
} from './methods/reconstruct/levels.js';
export { contactSheet, type LabelledImage } from './images/contact-sheet.js';
export { countRegions, type MaskedPictures, type StyleMask } from './methods/stylize/regions.js';
export { estimateStylize, type StylizeEstimate } from './methods/stylize/estimate.js';
export { planScales, type Scale, type ScalePlan } from './methods/stylize/scales.js';
export {
  transformationNetwork,
  transformationNetworkShapes,
  type TransformationNetworkOptions,
} from './networks/transformation-network.js';
export { GradientDescent, type GradientDescentOptions } from './optimizers/gradient-descent.js';
export { ParameterSet } from './training/parameter-set.js';
export { trainingLoop, type TrainingLoopOptions, type TrainingResult } from './training/training-loop.js';
export type { TrainingState, TrainingTask, ValidationReport } from './training/training-task.js';
export type {
  CheckpointProgress,
  TrainingProgress,
  TrainingStepProgress,
  TrainingWarning,
  ValidationProgress,
} from './training/training-progress.js';
export type {
  LossAverages,
  TrainingCurvePoint,
  TrainingHistory,
  ValidationPicture,
  ValidationPoint,
} from './training/training-history.js';
export {
  checkCheckpoint,
  encodeCheckpoint,
  parseCheckpoint,
  resumeFrom,
  type ResumedTraining,
  type TrainingCheckpoint,
} from './training/checkpoint.js';
export {
  perceptualOptionsSchema,
  resolvePerceptualSettings,
  type PerceptualOptions,
  type PerceptualSettings,
} from './training/distillation/perceptual-settings.js';
export {
  TrainingStep,
  type StepReport,
  type TrainingGraph,
  type TrainingStepOptions,
} from './training/training-step.js';
export { Adam, type AdamOptions } from './optimizers/adam.js';
export { BoundedLbfgs, type BoundedLbfgsOptions } from './optimizers/bounded-lbfgs.js';
export { Lbfgs, type LbfgsOptions } from './optimizers/lbfgs.js';
export {
  constantRate,
  cosineDecay,
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
export type { Bounds } from './optimizers/sine-coordinates.js';
