import {
  colorMatchingOptionsSchema,
  matchColors as transferColors,
  type ColorMatchingOptions,
  type ColorMatchingSettings,
} from '../../images/color-matching.js';
import type { Image } from '../../images/image.js';
import { methodDescriptions } from '../descriptions.js';
import type { Method, PictureOutcome } from '../method.js';
import { parseOptions } from '../options.js';
import { picturesMemory, resultMemory } from '../optimization/memory.js';

/** A picture, and the one whose colours it gets. */
export interface MatchColorsPictures {
  readonly picture: Image;
  readonly reference: Image;
}

/** One picture with another's colours; see `images/color-matching.ts`. It keeps its size and transparency. */
export const matchColors: Method<
  ColorMatchingOptions,
  ColorMatchingSettings,
  MatchColorsPictures,
  PictureOutcome
> = {
  name: 'match-colors',
  description: methodDescriptions['match-colors'],
  roles: [
    { name: 'picture', description: 'the picture to change', argument: true },
    { name: 'reference', description: 'the picture whose colours it gets', argument: true },
  ],
  options: colorMatchingOptionsSchema,
  examples: [
    { pictures: { picture: 'photo.jpg', reference: 'painting.jpg' }, output: 'out.png' },
    {
      pictures: { picture: 'painting.jpg', reference: 'photo.jpg' },
      output: 'out.png',
      options: { mode: 'luminance' },
    },
    {
      pictures: { picture: 'photo.jpg', reference: 'painting.jpg' },
      output: 'out.png',
      options: { mode: 'histogram', strength: 0.5 },
    },
  ],
  notes:
    'The picture keeps its size and its transparency. What is wholly transparent counts in neither picture.',
  output: { kind: 'picture' },
  resolve: (options) => parseOptions(colorMatchingOptionsSchema, options),
  plan({ pictures }) {
    const { width, height } = pictures.picture;
    const memoryBytes = picturesMemory({ ...pictures }) + resultMemory(pictures.picture);
    return { width, height, scales: [], memoryBytes, operations: 0 };
  },
  terms: () => [],
  run: ({ settings, pictures: { picture, reference } }) =>
    Promise.resolve({ image: transferColors(picture, reference, settings), stopped: 'finished' }),
  describe({ mode, affineForm, strength }, names) {
    return {
      title: `${names['picture']!.join(', ')} with the colours of ${names['reference']!.join(', ')}`,
      before: 'picture',
      facts: [
        ['Colours', mode === 'affine' ? `affine (${affineForm})` : mode],
        ['Strength', String(strength)],
      ],
    };
  },
};
