import { encodeSafetensors } from '../src/formats/safetensors.js';
import type { VggWeights } from '../src/networks/vgg-weights.js';
import { readVggWeights } from '../src/weights/vgg-files.js';
import { toyTensors } from './toy-tensors.js';

/** The toy network of the tests in memory; see `toyTensors`. */
export const readToyWeights = (): Promise<VggWeights> =>
  readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');
