import type { Image } from '../../images/image.js';
import type { EnlargingModel } from '../../networks/enlarging-model.js';
import { methodDescriptions } from '../descriptions.js';
import { factNumber } from '../facts.js';
import type { Method, PictureOutcome } from '../method.js';
import { parseOptions } from '../options.js';
import { picturesMemory } from '../optimization/memory.js';
import { enlargedSize, enlargePicture, enlargingCost } from './enlarge-picture.js';
import { enlargeOptionsSchema, type EnlargeOptions, type EnlargeSettings } from './options.js';

export interface EnlargePictures {
  readonly picture: Image;
}

/** The model that pictures are enlarged with unless another one is named. */
export const defaultEnlargingModel = 'enlarge-x4';

/** A larger picture with the detail that a network expects there. */
export const enlarge: Method<
  EnlargeOptions,
  EnlargeSettings,
  EnlargePictures,
  PictureOutcome,
  EnlargingModel
> = {
  name: 'enlarge',
  description: methodDescriptions.enlarge,
  roles: [{ name: 'picture', description: 'the picture to enlarge', argument: true }],
  options: enlargeOptionsSchema,
  networkKind: () => 'enlarging-model',
  defaults: { network: defaultEnlargingModel },
  examples: [
    { pictures: { picture: 'photo.jpg' }, output: 'large.png' },
    { pictures: { picture: 'photos/' }, output: 'large/', options: { factor: 2 } },
  ],
  notes: `Pictures are enlarged in parts, without seams, so that the memory has to hold the result but no more. A model is the file of
the training of super-resolution.`,
  output: { kind: 'picture' },
  resolve: (options) => parseOptions(enlargeOptionsSchema, options),
  network: () => defaultEnlargingModel,
  plan({ settings, pictures }, model) {
    const { memoryBytes, operations } = enlargingCost(pictures.picture, { model: model!, settings });
    const size = enlargedSize(pictures.picture, settings.factor);
    return { ...size, scales: [], memoryBytes: picturesMemory({ ...pictures }) + memoryBytes, operations };
  },
  resized: (settings, tile) => ({ ...settings, tile }),
  sizeOption: (tile) => ['tile', String(tile)],
  terms: () => [],
  async run({ settings, pictures, weights: model, programs, signal }) {
    const image = await enlargePicture(pictures.picture, { model, settings }, programs, signal);
    return { image, stopped: 'finished' };
  },
  describe: ({ factor }, names) => ({
    title: `${names['picture']!.join(', ')} enlarged`,
    before: 'picture',
    facts: [['Factor', factNumber(factor)]],
  }),
};
