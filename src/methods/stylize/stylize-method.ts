import { fastStylization } from '../fast/fast-method.js';
import type { FastOptions } from '../fast/options.js';
import { harmonize } from '../harmonize/harmonize-method.js';
import type { Method } from '../method.js';
import type { OptimizedPicture } from '../optimization/walk-method.js';
import { patchStylization } from '../patches/patches-method.js';
import type { PatchStyleOptions } from '../patches/options.js';
import { neighborStylization } from '../neighbors/neighbors-method.js';
import type { NeighborOptions } from '../neighbors/options.js';
import { withVariants } from '../variants.js';
import { gramStylization, type StylizePictures } from './gram-method.js';
import type { StylizeOptions as GramOptions } from './options.js';

/** Options of a stylisation; those of one method are refused with another. */
export type StylizeOptions = GramOptions &
  Pick<PatchStyleOptions, 'patchLayers' | 'colorWeight' | 'patch' | 'stride' | 'rematch'> &
  Pick<NeighborOptions, 'layers' | 'splitIterations'> &
  Pick<FastOptions, 'model' | 'refine'> & {
    /** What makes the style. */
    readonly method?: 'gram' | 'neighbors' | 'patches' | 'harmonize' | 'fast' | undefined;
    /** The same as method fast. */
    readonly fast?: boolean | undefined;
  };

/** Repaints a photograph after a painting, by one of several methods. */
export const stylize = withVariants({
  name: 'stylize',
  description: gramStylization.description,
  examples: [
    ...gramStylization.examples,
    {
      pictures: { content: 'photo.jpg', styles: ['painting.jpg'] },
      output: 'out.png',
      options: { method: 'patches' },
    },
    {
      pictures: { content: 'photo.jpg', styles: ['painting.jpg'] },
      output: 'out.png',
      options: { fast: true },
    },
  ],
  notes: gramStylization.notes!,
  groups: {
    ...gramStylization.groups,
    'Other methods:': [
      ...[
        'fast',
        'model',
        'refine',
        'method',
        'layers',
        'splitIterations',
        'patchLayers',
        'colorWeight',
        'patch',
        'stride',
        'rematch',
      ],
      ...['smoothColors', 'coarseLayers', 'fineLayers', 'referenceLayer'],
    ],
  },
  option: 'method',
  optionDescription:
    'what makes the style: gram matrices, nearest neighbors, patches, harmonize, for an object pasted into a painting, or fast: one pass of a network',
  shorthands: { fast: 'fast' },
  variants: {
    gram: { method: gramStylization },
    neighbors: { method: neighborStylization },
    patches: { method: patchStylization, roles: { style: 'styles' } },
    // What is repainted is the object in the composite, after the painting.
    harmonize: { method: harmonize, roles: { painting: 'styles', composite: 'content' } },
    fast: { method: fastStylization },
  },
}) as Method<StylizeOptions, object, StylizePictures, OptimizedPicture>;
