import { beforeAll, describe, expect, it } from 'vitest';
import { add, gradients, input, type Tensor } from '../../src/graph/index.js';
import { vggFeatures, type Pooling } from '../../src/networks/vgg.js';
import type { VggWeights } from '../../src/networks/vgg-weights.js';
import {
  readGolden,
  readGoldenJson,
  readGoldenNetwork,
  relativeDistance,
  type GoldenTensor,
} from '../golden-values.js';
import { valuesOfAll } from '../graph-values.js';

export const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

/** A picture `[1, 3, H, W]` with its features at the style layers and at relu4_2, by layer. */
export interface GoldenPicture {
  readonly picture: Tensor;
  readonly features: Readonly<Record<string, Tensor>>;
}

/** The three pictures that a golden loss may depend on. */
export type GoldenPictures = Readonly<Record<'x' | 'content' | 'style', GoldenPicture>>;

/** The sum over the style layers. */
export const overStyleLayers = (term: (layer: string) => Tensor): Tensor =>
  styleLayers.map(term).reduce((sum, value) => add(sum, value));

/**
 * Compares losses and their gradients with those that PyTorch computed with the quarter-width VGG-19, for both kinds of
 * pooling.
 * @param losses by their names in golden/losses.json
 */
export function describeGoldenLosses(
  losses: Readonly<Record<string, (pictures: GoldenPictures) => Tensor>>,
): void {
  describe('the quarter-width VGG-19 and PyTorch agree', () => {
    let network: VggWeights;
    let golden: (name: string) => GoldenTensor;
    let scalars: Record<string, number>;
    beforeAll(async () => {
      network = await readGoldenNetwork();
      golden = await readGolden('losses.safetensors');
      scalars = ((await readGoldenJson('losses.json')) as { values: Record<string, number> }).values;
    });

    describe.each([
      ['max', 'max'],
      ['avg', 'average'],
    ] as const)('%s pooling', (short, pooling: Pooling) => {
      it.each(Object.keys(losses))('on the loss %s and its gradient', async (name) => {
        const pictureOf = (label: string): GoldenPicture => {
          const picture = input(label, golden(label).shape);
          const layers = [...styleLayers, 'relu4_2'];
          return { picture, features: vggFeatures(picture, network, layers, { pooling, padding: 'zero' }) };
        };
        const pictures = { x: pictureOf('x'), content: pictureOf('content'), style: pictureOf('style') };
        const loss = losses[name]!(pictures);
        const found = await valuesOfAll(
          { loss, gradient: gradients(loss, [pictures.x.picture])[0]! },
          Object.fromEntries(Object.keys(pictures).map((label) => [label, golden(label).values])),
        );
        expect(relativeDistance(found['loss']!, [scalars[`${name}.${short}`]!])).toBeLessThan(1e-5);
        expect(relativeDistance(found['gradient']!, golden(`grad.${name}.${short}`).values)).toBeLessThan(
          1e-4,
        );
      });
    });
  });
}
