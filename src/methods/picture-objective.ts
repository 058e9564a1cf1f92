import type { Losses } from '../progress.js';
import type { OutputValues, Program } from '../runtime/runtime.js';
import type { ActivationMatching } from './activation-matching.js';
import type { PictureObjective } from './optimize-scale.js';
import { pictureInput } from './picture-input.js';

/** An objective with what its graphs take, which `dispose` frees. */
export interface CompiledObjective {
  readonly objective: PictureObjective;
  dispose(): Promise<void>;
}

/** What a program makes of a picture. The histogram loss takes a pass more: the host remaps activations. */
export async function runOnPicture(
  program: Program,
  rgb: Float32Array,
  matching?: ActivationMatching,
): Promise<OutputValues> {
  const picture = { [pictureInput]: rgb };
  return program.run({ ...picture, ...(await matching?.matched(picture)) });
}

/**
 * A compiled loss (see `lossWithGradient`) as what the optimiser asks. A term that the loss does not have is 0, or absent
 * where {@link Losses} allows that.
 */
export function objectiveOf(loss: Program, matching?: ActivationMatching): PictureObjective {
  return async (rgb) => {
    const values = await runOnPicture(loss, rgb, matching);
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
