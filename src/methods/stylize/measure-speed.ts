import { estimateCost, sizeOf } from '../../graph/index.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { StylizeSettings } from './options.js';
import { pictureLoss } from './picture-loss.js';

/** Runs that are timed; the first one also has to get its memory. */
const runs = 3;

/**
 * How fast this machine is at the work of these settings: the loss and its gradient at a small size, timed.
 * @returns floating-point operations a second, to go with the operations of `estimateStylize`
 */
export async function measureSpeed(
  runtime: Runtime,
  weights: VggWeights,
  settings: StylizeSettings,
  size: { readonly width: number; readonly height: number },
): Promise<number> {
  const loss = pictureLoss(weights, settings, size.width, size.height);
  const program = await runtime.compile(loss);
  try {
    // Any values do, as long as they are ordinary numbers.
    const inputs = Object.fromEntries(
      Object.entries(program.inputs).map(([name, shape]) => [
        name,
        new Float32Array(sizeOf(shape)).fill(0.5),
      ]),
    );
    let fastest = Infinity;
    for (let run = 0; run < runs; run += 1) {
      const started = performance.now();
      await program.run(inputs);
      fastest = Math.min(fastest, performance.now() - started);
    }
    return estimateCost(loss).operations / (fastest / 1000);
  } finally {
    await program.dispose();
  }
}
