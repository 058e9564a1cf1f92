import { expect } from 'vitest';
import { constant, gradients, multiply, sum, type Tensor } from '../../src/graph/index.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { Draw } from './draw.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });

/** Far below the distance of 0.1 that `Draw.distinct` keeps, and far above the noise of float32. */
const step = 2 ** -7;

/**
 * Checks the gradient of a random linear function of `output` with respect to every input drawn, against central
 * differences of fourth order along random directions. The function is summed up here in double precision, so that
 * the differences carry only the rounding of the values themselves.
 */
export async function expectGradients(draw: Draw, output: Tensor, tolerance = 1e-3): Promise<void> {
  const weights = draw.numbers(output.shape.reduce((product, length) => product * length, 1));
  const loss = sum(multiply(output, constant(weights, output.shape)));
  const derived = gradients(loss, draw.inputs);
  const named = Object.fromEntries(derived.map((tensor, i) => [`d${draw.inputs[i]!.label!}`, tensor]));
  const program = await runtime.compile({ output, ...named });
  try {
    const found = await program.run(draw.values);
    const sizes = found['output']!.map((value) => Math.abs(value) + 0.1);
    // ONNX Runtime's tanh and exp err by several units in the last place, and second derivatives multiply that.
    const noise = 4e-6 * dot(weights.map(Math.abs), sizes);
    for (const { label, shape } of draw.inputs) {
      const gradient = found[`d${label!}`]!;
      expect(program.outputs[`d${label!}`]).toEqual(shape);
      const direction = draw.numbers(gradient.length);
      const at = async (steps: number): Promise<[Float32Array, number]> => {
        const moved = draw.values[label!]!.map((value, i) => value + steps * step * direction[i]!);
        const values = await program.run({ ...draw.values, [label!]: moved });
        return [moved, dot(weights, values['output']!)];
      };
      const [near, far] = [await difference(at, 1), await difference(at, 2)];
      // What float32 made of the steps, not what they should have been.
      const walked = near.walked.map((way, i) => (8 * way - far.walked[i]!) / 6);
      const gained = (8 * near.gained - far.gained) / 6;
      const terms = Float64Array.from(gradient, (value, i) => value * walked[i]!);
      const expected = terms.reduce((total, term) => total + term, 0);
      // The terms have random signs: their root sum of squares is what they add up to, and one wrong term is felt in it.
      const scale = Math.hypot(...terms);
      const message = `along a direction of ${label!}, [${shape.join()}]: gradient [${gradient.join()}]`;
      expect(Math.abs(gained - expected), message).toBeLessThanOrEqual(tolerance * scale + noise);
    }
  } finally {
    await program.dispose();
  }
}

/** From so many steps behind to so many ahead: the way, and what the function gains on it. */
async function difference(
  at: (steps: number) => Promise<[Float32Array, number]>,
  steps: number,
): Promise<{ walked: Float64Array; gained: number }> {
  const [[ahead, above], [behind, below]] = [await at(steps), await at(-steps)];
  return { walked: Float64Array.from(ahead, (value, i) => value - behind[i]!), gained: above - below };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((total, value, i) => total + value * b[i]!, 0);
}
