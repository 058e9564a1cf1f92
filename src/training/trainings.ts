import { anyStyleTraining } from './any-style/any-style-training.js';
import { perceptualTraining } from './distillation/perceptual-training.js';
import { styleTraining } from './style/style-training.js';
import { superResolutionTraining } from './super-resolution/super-resolution-training.js';
import type { AnyTraining } from './training.js';

/** All networks that can be trained. */
export const trainings: readonly AnyTraining[] = [
  styleTraining,
  anyStyleTraining,
  perceptualTraining,
  superResolutionTraining,
];
