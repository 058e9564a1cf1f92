import { z } from 'zod';
import type { Image } from '../../images/image.js';
import type { AnyStyleModel } from '../../networks/any-style-model.js';
import { encodeStyle, styleSuffix, type PaintingStyle } from '../../networks/painting-style.js';
import { methodDescriptions } from '../descriptions.js';
import { codeCost, longestPaintingSide, paintingCode } from '../fast/painting-code.js';
import { defaultAnyStyleModel } from '../fast/options.js';
import type { Method, MethodOutcome } from '../method.js';
import { graphMemory, picturesMemory } from '../optimization/memory.js';
import { parseOptions } from '../options.js';
import { activationsFactor } from '../whole-picture.js';

export interface StylePictures {
  readonly painting: Image & { readonly name?: string };
}

/** The style of a painting. */
export interface StyleOutcome extends MethodOutcome {
  readonly style: PaintingStyle;
}

/** There is nothing to set but the model. */
export const styleOptionsSchema = z.strictObject({});

export type StyleOptions = object;

/** Reads a painting into its code, which a network paints any number of pictures and films with. */
export const style: Method<StyleOptions, object, StylePictures, StyleOutcome, AnyStyleModel> = {
  name: 'style',
  description: methodDescriptions.style,
  roles: [{ name: 'painting', description: 'the painting', argument: true }],
  options: styleOptionsSchema,
  networkKind: () => 'any-style-model',
  defaults: { network: defaultAnyStyleModel },
  examples: [
    { pictures: { painting: 'painting.jpg' }, output: 'painting.json' },
    { pictures: { painting: 'paintings/' }, output: 'styles/' },
  ],
  notes: `apply paints with what it writes: pastiche apply painting.json photos/ -o painted/. Several are blended by commas, with weights
after colons: pastiche apply day.json:0.3,night.json:0.7 film.mp4 -o out.mp4.`,
  output: { kind: 'data', suffix: styleSuffix, encode: ({ style: read }) => encodeStyle(read) },
  resolve: (options) => parseOptions(styleOptionsSchema, options),
  network: () => defaultAnyStyleModel,
  plan({ pictures }, model) {
    const { width, height } = pictures.painting;
    const cost = codeCost(model!, pictures.painting);
    const peakBytes = activationsFactor * cost.peakBytes;
    const memoryBytes = picturesMemory({ ...pictures }) + graphMemory({ ...cost, peakBytes }, 0);
    return { width, height, scales: [], memoryBytes, operations: cost.operations };
  },
  longestSide: () => longestPaintingSide,
  terms: () => [],
  async run({ programs, weights: model, pictures: { painting } }) {
    const code = await paintingCode(programs, model, painting);
    // Its folders are nobody else's business.
    const name = painting.name?.split(/[\\/]/).pop() ?? 'a painting';
    return {
      style: { name, model: model.name, fingerprint: model.fingerprint(), code },
      stopped: 'finished',
    };
  },
  describe: (_, names) => ({ title: `The style of ${names['painting']!.join(', ')}`, facts: [] }),
  record: ({ style: { model, code } }) => ({ model, numbers: code.length }),
};
