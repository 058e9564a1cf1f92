import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Training } from '../training.js';
import {
  perceptualOptionsSchema,
  resolvePerceptualSettings,
  type PerceptualSettings,
} from './perceptual-settings.js';
import { PerceptualTask } from './perceptual-task.js';

/** The training of a perceptual network on a larger one, or one as large. */
export const perceptualTraining: Training<PerceptualSettings, { readonly teacher: VggWeights }> = {
  name: 'perceptual',
  description: 'distil a compact VGG, the network that losses are measured with, from a larger one',
  inputs: [
    // Any VGG with all layers up to conv5_1.
    { name: 'teacher', kind: 'network', description: 'weights of the network to learn from' },
  ],
  options: perceptualOptionsSchema,
  example: { inputs: { teacher: 'vgg19' }, output: 'compact.safetensors' },
  validation: 'Mean squared error against the teacher',
  usedAs: 'network',
  notes: `The network keeps the teacher's layers and their names up to conv5_1. With narrower blocks, its channels stand for those of
the teacher that tell most, and projections to all of them let the style be measured in the teacher's space.`,
  resolve: resolvePerceptualSettings,
  begin: ({ runtimes, inputs, ...start }) => new PerceptualTask(runtimes, { ...start, ...inputs }),
  title: (output, { teacher }) => `${output}, distilled from ${teacher}`,
  origin: ({ teacher }) => ({ distilled_from: teacher! }),
};
