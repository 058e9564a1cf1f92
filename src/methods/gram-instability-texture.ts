import { add, gradients, input, multiply, type NamedTensors, type Tensor } from '../graph/index.js';
import { createImage, type Image } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import { gramLoss, gramMatrix } from '../losses/gram.js';
import { histogramLayers, histogramLoss } from '../losses/histogram.js';
import { RankTarget } from '../ranks/rank-matching.js';
import { vggFeatures } from '../networks/vgg.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { BoundedLbfgs } from '../optimizers/bounded-lbfgs.js';
import type { Evaluation } from '../optimizers/optimizer.js';
import { runOnce, type Program, type Runtime } from '../runtime/runtime.js';
import { sumOfTerms } from './loss-terms.js';
import { noisePicture } from './noise-picture.js';
import { pictureInput, pictureOf } from './picture-input.js';

/** The layers whose Gram matrices count. */
export const gramLayers: readonly string[] = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

/** The scales, as parts of the sample's size. */
export const textureScales = [0.5, 1] as const;

/** Standard deviation of the noise that a texture begins with. */
const noise = 0.05;

/** The terms of the loss, each with its weight. */
export interface TextureLosses {
  readonly gram: number;
  readonly histogram: number;
}

export interface TextureWork {
  readonly sample: Image;
  /** Weight of the histogram loss beside the Gram loss; 0 leaves it out. */
  readonly histogramWeight: number;
  /** Steps at each scale. */
  readonly iterations: number;
  readonly seed: number;
  /** Told after each step. What it throws ends the work. */
  readonly onStep: () => void;
}

/** A network's features of a picture by layer. The border's values go on outside: zeros would be painted as a frame. */
export function textureFeatures(
  weights: VggWeights,
  size: Pick<Image, 'width' | 'height'>,
  layers: readonly string[],
): { picture: Tensor; features: Record<string, Tensor> } {
  const picture = pictureOf(size);
  return {
    picture,
    features: vggFeatures(picture, weights, layers, { pooling: 'max', padding: 'replicate' }),
  };
}

/**
 * A texture like the sample, of its size, from noise: at half the size first, then at the whole. Both losses are relative
 * to the sample and the means of their layers'.
 * @throws StyleError `E_IMAGE_SIZE` when the sample is too small for the network's layers
 */
export async function synthesizeTexture(
  runtime: Runtime,
  weights: VggWeights,
  { sample, histogramWeight, iterations, seed, onStep }: TextureWork,
): Promise<{ image: Image; curve: TextureLosses[] }> {
  const curve: TextureLosses[] = [];
  let image: Image | undefined;
  for (const part of textureScales) {
    const width = Math.round(part * sample.width);
    const height = Math.round(part * sample.height);
    const start =
      image === undefined ? noisePicture(width, height, noise, seed) : resizeImage(image, width, height);
    const x = Float32Array.from(start.rgb);
    const target = resizeImage(sample, width, height);
    const objective = await TextureObjective.of(runtime, weights, target, histogramWeight);
    try {
      const optimizer = new BoundedLbfgs();
      for (let step = 0; step < iterations; step += 1) {
        const { value } = await optimizer.step(x, (point) => objective.evaluate(point as Float32Array));
        curve.push(objective.lossesAt(value));
        onStep();
      }
    } finally {
      await objective.dispose();
    }
    image = createImage(width, height, x);
  }
  return { image: image!, curve };
}

const gramInput = (layer: string): string => `gram.${layer}`;
const matchedInput = (layer: string): string => `matched.${layer}`;

/** The loss of a picture against one sample at one size. */
class TextureObjective {
  private readonly seen = new Map<number, TextureLosses>();

  private constructor(
    private readonly loss: Program,
    /** Gives the activations that the remapping needs; undefined where the histogram loss is left out. */
    private readonly activations: Program | undefined,
    private readonly targets: Readonly<Record<string, RankTarget>>,
    private readonly weight: number,
  ) {}

  static async of(
    runtime: Runtime,
    weights: VggWeights,
    sample: Image,
    weight: number,
  ): Promise<TextureObjective> {
    const { features } = textureFeatures(weights, sample, gramLayers);
    const grams = Object.entries(features).map(([layer, map]) => [gramInput(layer), gramMatrix(map, 'hw')]);
    const loss = await runtime.compile(textureLoss(weights, sample, weight));
    const known = Object.fromEntries(grams) as NamedTensors;
    await loss.bind(await runOnce(runtime, known, { [pictureInput]: sample.rgb }));
    if (weight === 0) return new TextureObjective(loss, undefined, {}, weight);
    const maps = textureFeatures(weights, sample, histogramLayers).features;
    const activations = await runtime.compile(maps);
    const values = await activations.run({ picture: sample.rgb });
    const targets = Object.fromEntries(
      histogramLayers.map((layer) => [layer, RankTarget.of(values[layer]!, maps[layer]!.shape[1]!)]),
    );
    return new TextureObjective(loss, activations, targets, weight);
  }

  async evaluate(rgb: Float32Array): Promise<Evaluation> {
    const inputs: Record<string, Float32Array> = { picture: rgb };
    const activations = (await this.activations?.run({ picture: rgb })) ?? {};
    for (const [layer, values] of Object.entries(activations)) {
      inputs[matchedInput(layer)] = this.targets[layer]!.match(values);
    }
    const found = await this.loss.run(inputs);
    const gram = found['gram']![0]!;
    const histogram = this.weight === 0 ? 0 : found['histogram']![0]!;
    const value = gram + histogram;
    this.seen.set(value, { gram, histogram });
    return { value, gradient: found['gradient']! };
  }

  /** The terms of a value that an evaluation gave. */
  lossesAt(value: number): TextureLosses {
    return this.seen.get(value)!;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.loss.dispose(), this.activations?.dispose()]);
  }
}

/** `gram`, `histogram` times its weight, and the `gradient` of their sum. */
function textureLoss(weights: VggWeights, size: Image, weight: number): NamedTensors {
  const layers = weight === 0 ? gramLayers : [...new Set([...gramLayers, ...histogramLayers])];
  const { picture, features } = textureFeatures(weights, size, layers);
  const grams = gramLayers.map((layer) => {
    const map = features[layer]!;
    const gram = gramMatrix(map, 'hw');
    return gramLoss(gram, input(gramInput(layer), gram.shape), 'relative', map.shape[2]! * map.shape[3]!);
  });
  const gram = multiply(sumOfTerms(grams), 1 / gramLayers.length);
  if (weight === 0) return { gram, gradient: gradients(gram, [picture])[0]! };
  const histograms = histogramLayers.map((layer) => {
    const map = features[layer]!;
    return histogramLoss(map, input(matchedInput(layer), map.shape), 'relative');
  });
  const histogram = multiply(sumOfTerms(histograms), weight / histogramLayers.length);
  return { gram, histogram, gradient: gradients(add(gram, histogram), [picture])[0]! };
}
