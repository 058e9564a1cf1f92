/**
 * Training, `pastiche/training`, in Node.js: perceptual networks from larger ones, and the loop, checkpoints and pictures
 * that any training is made from.
 * @packageDocumentation
 */
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
  anyStyleOptionsSchema,
  resolveAnyStyleSettings,
  type AnyStyleOptions,
  type AnyStyleSettings,
} from './training/any-style/any-style-settings.js';
export {
  resolveStyleSettings,
  styleOptionsSchema,
  type StyleOptions,
  type StyleSettings,
} from './training/style/style-settings.js';
export {
  resolveSuperResolutionSettings,
  superResolutionOptionsSchema,
  type SuperResolutionOptions,
  type SuperResolutionSettings,
} from './training/super-resolution/super-resolution-settings.js';
export {
  TrainingStep,
  type StepReport,
  type TrainingGraph,
  type TrainingStepOptions,
} from './training/training-step.js';
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
export { courseOptionsSchema } from './training/training.js';
export type {
  AnyTraining,
  InputFiles,
  NetworkTask,
  OpenPictureSource,
  PictureSource,
  PictureCollection,
  PictureFile,
  Training,
  TrainingData,
  TrainingInput,
  TrainingSettings,
  TrainingStart,
} from './training/training.js';
export { trainings } from './training/trainings.js';
export { train, type TrainedNetwork, type TrainingOrder } from './jobs/train.node.js';
