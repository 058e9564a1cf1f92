import { encodeSafetensors } from '../src/formats/safetensors.js';
import type { AnyStyleModel } from '../src/networks/any-style-model.js';
import { encoderValues, styleDecoderOptions, styleDecoderShapes } from '../src/networks/style-decoder.js';
import { anyStyleModelOf, type StyleDecoderModel } from '../src/networks/style-decoder-model.js';
import { ParameterSet } from '../src/training/parameter-set.js';
import { readVggWeights } from '../src/weights/vgg-files.js';
import { toyTensors } from './toy-tensors.js';

/** The perceptual network that the toy's encoder is the beginning of. */
export const toyPerceptual = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

/** A small network for any painting, with random weights behind its encoder. */
export function toyDecoderModel(): StyleDecoderModel {
  const options = styleDecoderOptions(toyPerceptual, 1);
  const parameters = new ParameterSet(styleDecoderShapes(options));
  parameters.initialize(3);
  for (const [name, values] of Object.entries(encoderValues(toyPerceptual)))
    parameters.view(name).set(values);
  parameters.view('relu3_1.share').fill(0.5);
  return { options, parameters: parameters.values(), metadata: { trained_for: 'tests' } };
}

export const toyAnyStyle: AnyStyleModel = {
  ...anyStyleModelOf('toy', toyDecoderModel()),
  perceptual: toyPerceptual,
};
