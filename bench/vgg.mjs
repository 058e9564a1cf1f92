import { fileURLToPath } from 'node:url';
import { loadVggWeights, vggLayers } from '../dist/engine.node.js';

/** VGG-19 to relu5_1 with random numbers: the same work as with the real ones. */
function randomVgg19() {
  const widths = [64, 128, 256, 512, 512];
  // A linear congruential generator: the numbers only have to be neither zero nor denormal.
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
  const convolutions = {};
  let inputChannels = 3;
  for (const { name, block, place } of vggLayers('vgg19')) {
    if (block === 5 && place > 1) break;
    const outputChannels = widths[block - 1];
    const spread = Math.sqrt(6 / (9 * inputChannels));
    const weight = Float32Array.from({ length: outputChannels * inputChannels * 9 }, () => spread * random());
    convolutions[name] = {
      outputChannels,
      inputChannels,
      kernel: 3,
      weight,
      bias: new Float32Array(outputChannels),
    };
    inputChannels = outputChannels;
  }
  const preprocess = {
    outputChannels: 3,
    inputChannels: 3,
    kernel: 1,
    weight: Float32Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255]),
    bias: new Float32Array(3).fill(-117),
  };
  return {
    architecture: 'vgg19',
    preprocess,
    convolutions,
    projections: {},
    source: { name: 'random', format: 'random' },
  };
}

/** The quarter-width network, which the yardstick has too. */
export const compactWeights = fileURLToPath(new URL('../test/golden/vgg19-16x.safetensors', import.meta.url));

/** `vgg19` with random numbers, `16x`, the yardstick's, or `shipped`, the package's own. */
export const weightsOf = (network) => {
  if (network === 'vgg19') return Promise.resolve(randomVgg19());
  return loadVggWeights(network === 'shipped' ? 'pastiche-vgg' : compactWeights);
};

/** The yardstick's loss: mean squared content, Gram matrices over C H W, total variation, in the network's own space. */
export const yardstickLoss = {
  preset: 'default',
  normalize: false,
  gram: 'chw',
  projection: false,
  margin: 0,
  contentWeight: 1,
  styleWeight: 100,
  tvWeight: 1e-3,
  styleLayers: ['relu1_1:1', 'relu2_1:1', 'relu3_1:1', 'relu4_1:1', 'relu5_1:1'],
};
