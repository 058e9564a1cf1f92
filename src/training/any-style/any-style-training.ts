import type { StyleDecoderModel } from '../../networks/style-decoder-model.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { PictureCollection, Training } from '../training.js';
import {
  anyStyleOptionsSchema,
  resolveAnyStyleSettings,
  type AnyStyleSettings,
} from './any-style-settings.js';
import { AnyStyleTask } from './any-style-task.js';

/** What a network for any painting is trained after. */
export interface AnyStyleInputs {
  readonly paintings: PictureCollection;
  readonly network: VggWeights;
  readonly from?: StyleDecoderModel;
}

/** The training of a network that repaints photographs in one pass after any painting, by the statistics of its features (Li et al. 2017). */
export const anyStyleTraining: Training<AnyStyleSettings, AnyStyleInputs> = {
  name: 'any-style',
  description: 'train a network that repaints a photograph after any painting in one pass',
  inputs: [
    { name: 'paintings', kind: 'collection', description: 'paintings to learn from, and folders of them' },
    {
      name: 'network',
      kind: 'network',
      description: 'the network that the loss is measured with and codes are made with',
      default: 'pastiche-vgg',
    },
    {
      name: 'from',
      kind: 'any-style-model',
      description: 'network to go on from',
      optional: true,
    },
  ],
  options: anyStyleOptionsSchema,
  example: { inputs: { paintings: ['paintings/'] }, output: 'any-style.onnx' },
  validation: 'Loss with paintings that are held out, and its weighted terms',
  notes: `Paintings are measured before the first step, which takes some minutes for hundreds of them, and 0.2 MB of memory for
each variant. Every tenth painting is held out, or those of the list.`,
  resolve: resolveAnyStyleSettings,
  begin: ({ runtimes, inputs, ...start }) => new AnyStyleTask(runtimes, { ...start, ...inputs }),
  title: (output, { paintings }) => `${output}, trained for any painting on ${paintings}`,
  origin: ({ paintings, network, from }) => ({
    trained_for: `any painting, on ${paintings!}`,
    loss_network: network!,
    ...(from === undefined ? {} : { trained_from: from }),
  }),
};
