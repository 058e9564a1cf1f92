import { input, type Tensor } from '../graph/index.js';
import type { Losses } from '../progress.js';
import type { Program } from '../runtime/runtime.js';
import type { ActivationMatching } from './activation-matching.js';
import type { PictureObjective } from './optimize-scale.js';

/** The name of the picture among a graph's inputs. */
export const pictureInput = 'picture';

/** The picture that a graph is about, `[1, 3, H, W]`. */
export const pictureOf = ({ width, height }: { readonly width: number; readonly height: number }): Tensor =>
  input(pictureInput, [1, 3, height, width]);

/**
 * A compiled loss (see `lossWithGradient`) as what the optimiser asks. A term that the loss does not have is 0, or absent
 * where {@link Losses} allows that. The histogram loss takes a pass more: the host remaps activations.
 */
export function objectiveOf(loss: Program, matching?: ActivationMatching): PictureObjective {
  return async (rgb) => {
    const picture = { [pictureInput]: rgb };
    const values = await loss.run({ ...picture, ...(await matching?.matched(picture)) });
    const value = (name: keyof Losses): number => values[name]?.[0] ?? 0;
    const optional = (['histogram', 'laplacian'] as const).filter((name) => name in values);
    return {
      losses: {
        total: value('total'),
        content: value('content'),
        style: value('style'),
        totalVariation: value('totalVariation'),
        ...Object.fromEntries(optional.map((name) => [name, value(name)])),
      },
      gradient: values['gradient']!,
    };
  };
}
