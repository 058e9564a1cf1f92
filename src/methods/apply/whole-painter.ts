import { estimateCost, type NamedTensors } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { wholeOf } from '../../images/raster.js';
import { modelInput, modelOutput } from '../../networks/style-model.js';
import { inputsFor, type InputValues } from '../../runtime/runtime.js';
import { pictureBytes } from '../optimization/memory.js';
import { activationsFactor, paintedAsWhole, seenSize } from '../whole-picture.js';
import type { Painter } from './painter.js';

/** What goes into a graph, its copy in the runtime's thread, and what comes out. */
export const windowCopies = 3;

/**
 * Paints a picture as a whole.
 * @param key names the graphs among those of a cache
 * @param graph the network at a size: `modelInput` to `modelOutput`
 * @param conditions what it is told beside the picture
 */
export const wholePainter = (
  key: string,
  graph: (size: Size) => NamedTensors,
  conditions: InputValues,
): Painter => ({
  cost(size) {
    const whole = seenSize(size);
    const cost = estimateCost(graph(whole));
    const peakBytes = activationsFactor * cost.peakBytes;
    const partPixels = whole.width * whole.height;
    return { ...cost, peakBytes, partPixels, floatBytes: windowCopies * pictureBytes(whole) };
  },
  async paint(photograph, { programs }, receive) {
    const painted = await paintedAsWhole(wholeOf(photograph), async (rgb, size) => {
      const outputs = await programs.use(
        `${key} ${size.width}x${size.height}`,
        () => graph(size),
        (program) => program.run(inputsFor(program, { [modelInput]: rgb, ...conditions })),
      );
      return outputs[modelOutput]!;
    });
    receive(painted, 0, 0);
  },
});
