import { encodeSafetensors } from '../src/formats/safetensors.js';
import type { AnyStyleModel } from '../src/networks/any-style-model.js';
import { codedStyleModel } from '../src/networks/any-style.js';
import { codeLength } from '../src/networks/style-code.js';
import { readVggWeights } from '../src/weights/vgg-files.js';
import { toyTensors } from './e2e/toy-network.js';
import { toyStyleModel } from './toy-style-model.js';

/** The perceptual network that {@link toyAnyStyle} makes codes with. */
export const toyPerceptual = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

/** A small network for any painting with random weights. */
export const toyAnyStyle: AnyStyleModel = codedStyleModel(
  'toy',
  toyStyleModel({ styles: 0, code: codeLength(toyPerceptual) }),
  toyPerceptual,
);
