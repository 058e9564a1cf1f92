/**
 * The engine of Pastiche, `pastiche/engine`: expressions and their gradients, networks, losses, optimisers, and what a new
 * method is made from.
 * @packageDocumentation
 */
export * as graph from './graph/index.js';
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
  transformationNetwork,
  transformationNetworkShapes,
  type TransformationNetworkOptions,
} from './networks/transformation-network.js';
export { channelStatistics, channelStatisticsLoss } from './losses/channel-statistics.js';
export { contentLoss } from './losses/content.js';
export { gramLoss, gramMatrix, type GramNormalization } from './losses/gram.js';
export { histogramLayers, histogramLoss } from './losses/histogram.js';
export { autoTune, type AutoTuneOptions } from './losses/auto-tune.js';
export { laplacian, laplacianLoss } from './losses/laplacian.js';
export { patchLoss, patchTargets, type LayerMap, type PatchTargets } from './losses/patches.js';
export type { LossReduction } from './losses/reduction.js';
export { RegionGuides, type GuidePlanes } from './losses/region-guides.js';
export { lossTermNames, type Losses, type LossTerm } from './losses/terms.js';
export { totalVariation, type TotalVariationForm } from './losses/total-variation.js';
export { RankTarget, type TieRule } from './ranks/rank-matching.js';
export { Adam, type AdamOptions } from './optimizers/adam.js';
export { BoundedLbfgs, type BoundedLbfgsOptions } from './optimizers/bounded-lbfgs.js';
export { GradientDescent, type GradientDescentOptions } from './optimizers/gradient-descent.js';
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
export { pictureInput, pictureOf } from './methods/optimization/graph-inputs.js';
export { lossWithGradient, sumOfTerms } from './methods/optimization/loss-terms.js';
export { objectiveOf, type PictureObjective } from './methods/optimization/picture-objective.js';
export type { OptimizationSettings, OptimizerSettings } from './methods/optimization/optimizer-settings.js';
export {
  walkMethod,
  type GraphUse,
  type WalkDefinition,
  type WalkStages,
} from './methods/optimization/walk-method.js';
export { withVariants } from './methods/variants.js';
export { patchMatch, PatchMatcher, type PatchMatch } from './patch-match/patch-matcher.js';
export { matchColors as transferColors } from './images/color-matching.js';
export { methodFunction } from './api/method-function.js';
export type { Platform } from './api/platform.js';
