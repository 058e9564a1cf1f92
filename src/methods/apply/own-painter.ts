import { StyleError } from '../../errors.js';
import { estimateCost, input, type NamedTensors } from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut, extendMirrored } from '../../images/margin.js';
import { clampUnit } from '../../images/resize.js';
import { conditionalNetwork, conditionInputs } from '../../networks/conditional-network.js';
import { modelInput, modelOutput, modelParameters, type StyleModel } from '../../networks/style-model.js';
import { modelConditions } from './model-conditions.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';
import { repaintInTiles, tileCost } from './tiled-network.js';

/** The least sides that a network can reflect its borders at. */
const smallestSide = 32;

/**
 * Paints with a model of ours.
 * @throws StyleError `E_ARGUMENT` for a style or weight that it doesn't have, and for options that say what it tells itself
 */
export function ownPainter(model: StyleModel, settings: ApplySettings): Painter {
  for (const option of ['range', 'layout'] as const) {
    if (settings[option] === undefined) continue;
    throw new StyleError(
      'E_ARGUMENT',
      `The option ${option} is ${settings[option]}, and the model is one of Pastiche, which tells that itself.`,
      'Leave it out: it is for models of other people.',
      { option },
    );
  }
  const { tile } = settings;
  const conditions = modelConditions(model, settings);
  return {
    cost: (size) =>
      tile === undefined ? estimateCost(network(model, extended(size))) : tileCost(model, size, tile),
    async paint(photograph, { programs, signal }): Promise<Image> {
      const { width, height } = photograph;
      if (tile !== undefined && tile < Math.max(width, height))
        return repaintInTiles({ model, conditions, programs, signal, tile }, photograph);
      const size = extended(photograph);
      const { rgb } = extendMirrored(photograph, size);
      const key = `apply ${model.options.form} ${size.width}x${size.height}`;
      const outputs = await programs.use(
        key,
        () => network(model, size),
        (program) => program.run({ [modelInput]: rgb, ...conditions }),
      );
      const painted = createImage(size.width, size.height, clampUnit(outputs[modelOutput]!));
      return cutOut(painted, { left: 0, top: 0, width, height });
    },
  };
}

const extended = ({ width, height }: Size): Size => ({
  width: Math.max(width, smallestSide),
  height: Math.max(height, smallestSide),
});

/** The whole network at one size. */
function network(model: StyleModel, { width, height }: Size): NamedTensors {
  const x = input(modelInput, [1, 3, height, width]);
  const conditions = conditionInputs(model.options, 1);
  return { [modelOutput]: conditionalNetwork(x, modelParameters(model), conditions, model.options) };
}
