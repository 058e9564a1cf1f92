import { createRandom } from '../src/random.js';
import type { TensorToEncode } from '../src/formats/safetensors.js';

const layers = '1_1 1_2 2_1 2_2 3_1 3_2 3_3 3_4 4_1 4_2 4_3 4_4 5_1'.split(' ');
/** Output channels by block: enough to tell pictures apart, few enough for thousands of steps in a test. */
const widths = [4, 6, 8, 8, 8];

/**
 * The tensors of a VGG-19 with few channels and random weights of a scale that keeps values alive (He et al. 2015).
 * Random networks carry style as well (He, Wang, Hopcroft 2016), so losses fall as they do with trained ones.
 */
export function toyTensors(): Record<string, TensorToEncode> {
  const random = createRandom(7);
  const tensors: Record<string, TensorToEncode> = {
    'preprocess.weight': { dtype: 'F32', shape: [3, 3, 1, 1], data: [4, 0, 0, 0, 4, 0, 0, 0, 4] },
    'preprocess.bias': { dtype: 'F32', shape: [3], data: [-2, -2, -2] },
  };
  let inputs = 3;
  for (const layer of layers) {
    const outputs = widths[Number(layer[0]) - 1]!;
    const scale = Math.sqrt(2 / (9 * inputs));
    const data = Array.from({ length: outputs * inputs * 9 }, () => scale * random.normal());
    tensors[`conv${layer}.weight`] = { dtype: 'F32', shape: [outputs, inputs, 3, 3], data };
    tensors[`conv${layer}.bias`] = {
      dtype: 'F32',
      shape: [outputs],
      data: new Float32Array(outputs).fill(0.1),
    };
    inputs = outputs;
  }
  return tensors;
}
