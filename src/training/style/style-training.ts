import type { StyleModel } from '../../networks/style-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Training } from '../training.js';
import { resolveStyleSettings, styleOptionsSchema, type StyleSettings } from './style-settings.js';
import { StyleTask, type NamedPainting } from './style-task.js';

/** What a network for paintings is trained after. */
export interface StyleInputs {
  readonly paintings: readonly NamedPainting[];
  readonly network: VggWeights;
  readonly from?: StyleModel;
}

/** The training of a network that repaints photographs in one pass, for one painting or many (Johnson et al. 2016, Dumoulin et al. 2017). */
export const styleTraining: Training<StyleSettings, StyleInputs> = {
  name: 'style',
  description: 'train a network that repaints a photograph after one of some paintings in one pass',
  inputs: [
    { name: 'paintings', kind: 'pictures', description: 'paintings, each a style named like its file' },
    {
      name: 'network',
      kind: 'network',
      description: 'the network that the loss is measured with',
      default: 'pastiche-vgg',
    },
    {
      name: 'from',
      kind: 'style-model',
      description: 'network to go on from; styles of the same names keep what they have',
      optional: true,
    },
  ],
  options: styleOptionsSchema,
  example: { inputs: { paintings: ['great-wave.jpg'] }, output: 'wave.onnx' },
  validation: 'Loss, and its weighted terms',
  notes: `The network is an ONNX file for pictures of any size. With several paintings it has
several styles, which can be blended.`,
  resolve: resolveStyleSettings,
  begin: ({ runtimes, inputs, ...start }) => new StyleTask(runtimes, { ...start, ...inputs }),
  title: (output, { paintings }) => `${output}, trained for ${paintings}`,
  origin: ({ paintings, network, from }) => ({
    trained_for: paintings!,
    loss_network: network!,
    ...(from === undefined ? {} : { trained_from: from }),
  }),
};
