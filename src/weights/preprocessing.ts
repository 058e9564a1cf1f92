import type { ConvolutionWeights } from '../networks/vgg-weights.js';

/** Mean of ImageNet's blue, green and red channels, 0 .. 255, as VGG's authors subtracted it. */
const meanBgr = [103.939, 116.779, 123.68] as const;

/** Mean and standard deviation of ImageNet's red, green and blue channels, 0 .. 1, as torchvision uses them. */
const meanRgb = [0.485, 0.456, 0.406] as const;
const deviationRgb = [0.229, 0.224, 0.225] as const;

/**
 * The 1x1 convolution from RGB in [0, 1] to what the networks of VGG's authors (Caffe, Keras) were trained on:
 * blue, green, red in 0 .. 255, less their means.
 */
export function caffePreprocessing(): ConvolutionWeights {
  const weight = new Float32Array(9);
  for (let output = 0; output < 3; output++) weight[output * 3 + (2 - output)] = 255;
  return pointwise(
    weight,
    Float32Array.from(meanBgr, (mean) => -mean),
  );
}

/** The 1x1 convolution from RGB in [0, 1] to what torchvision's networks were trained on: (x - mean) / deviation. */
export function torchvisionPreprocessing(): ConvolutionWeights {
  const weight = new Float32Array(9);
  deviationRgb.forEach((deviation, channel) => (weight[channel * 4] = 1 / deviation));
  return pointwise(
    weight,
    Float32Array.from(meanRgb, (mean, channel) => -mean / deviationRgb[channel]!),
  );
}

function pointwise(weight: Float32Array, bias: Float32Array): ConvolutionWeights {
  return { outputChannels: 3, inputChannels: 3, kernel: 1, weight, bias };
}
