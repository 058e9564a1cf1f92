import { StyleError } from '../../errors.js';
import { estimateCost, input, type NamedTensors } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { wholeOf } from '../../images/raster.js';
import { conditionalNetwork, conditionInputs } from '../../networks/conditional-network.js';
import { modelInput, modelOutput, modelParameters, type StyleModel } from '../../networks/style-model.js';
import { pictureBytes } from '../optimization/memory.js';
import { activationsFactor, paintedAsWhole, seenSize } from '../whole-picture.js';
import { modelConditions } from './model-conditions.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';
import { inputsOf, repaintInTiles, tileCost } from './tiled-network.js';

/** Larger pictures are computed in tiles of this side unless another is given: as a whole they would take more than a gigabyte. */
const mostPixels = 4e6;
const usualTile = 1024;

/** What goes into a graph, its copy in the runtime's thread, and what comes out. */
const windowCopies = 3;
/** Bytes of tiles' floats that nothing refers to any more, until they are collected; measured. */
const uncollected = 130e6;

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
  const conditions = modelConditions(model, settings);
  return {
    cost(size) {
      const tile = tileOf(settings, size);
      if (tile === undefined) {
        const whole = seenSize(size);
        const cost = estimateCost(network(model, whole));
        const peakBytes = activationsFactor * cost.peakBytes;
        const partPixels = whole.width * whole.height;
        return { ...cost, peakBytes, partPixels, floatBytes: windowCopies * pictureBytes(whole) };
      }
      const { window, ...cost } = tileCost(model, size, tile);
      const peakBytes = activationsFactor * cost.peakBytes;
      const floatBytes = windowCopies * pictureBytes(window) + uncollected;
      return { ...cost, peakBytes, partPixels: tile * tile, floatBytes };
    },
    async paint(photograph, { programs, signal }, receive): Promise<void> {
      const tile = tileOf(settings, photograph);
      if (tile !== undefined)
        return repaintInTiles({ model, conditions, programs, signal, tile }, photograph, receive);
      const painted = await paintedAsWhole(wholeOf(photograph), async (rgb, size) => {
        const outputs = await programs.use(
          `apply ${model.options.form} ${size.width}x${size.height}`,
          () => network(model, size),
          (program) => program.run(inputsOf(program, { [modelInput]: rgb, ...conditions })),
        );
        return outputs[modelOutput]!;
      });
      receive(painted, 0, 0);
    },
  };
}

/** The side of the tiles that a picture is computed in; undefined as a whole. */
function tileOf({ tile }: ApplySettings, { width, height }: Size): number | undefined {
  const side = tile ?? (width * height > mostPixels ? usualTile : undefined);
  return side !== undefined && side < Math.max(width, height) ? side : undefined;
}

/** The whole network at one size. */
function network(model: StyleModel, { width, height }: Size): NamedTensors {
  const x = input(modelInput, [1, 3, height, width]);
  const conditions = conditionInputs(model.options, 1);
  return { [modelOutput]: conditionalNetwork(x, modelParameters(model), conditions, model.options) };
}
