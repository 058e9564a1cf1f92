import { z } from 'zod';
import type { Image } from '../../images/image.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { findLayer, vggFeatures, type Pooling } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { optionError } from '../option-error.js';
import { pictureInput, pictureOf } from '../picture-input.js';
import {
  drawCorrespondence,
  drawScores,
  rebuildFromPatches,
  type Correspondence,
} from './correspondence-pictures.js';
import { patchOffsets, resolvePatch, type FeatureMaps } from '../patch-match/feature-maps.js';
import { patchMatch } from '../patch-match/patch-matcher.js';

/** What a user can set of a match of pictures. The command line's help and the docs derive from this one list. */
export const matchOptionsSchema = z.strictObject({
  layer: z.string().min(1).describe('layer whose features are compared, such as relu3_1').default('relu4_1'),
  patch: z.int().min(1).max(99).describe('side of a patch in positions of the layer, odd').default(3),
  stride: z.int().min(1).max(99).describe('distance between the positions of a patch that count').default(1),
  size: z
    .int()
    .min(16)
    .max(32768)
    .describe('long side that both pictures are brought to for the network; never enlarged')
    .default(512),
  pooling: z.enum(['max', 'average']).describe("the network's pooling").default('max'),
});

/** Options as a caller gives them. */
export type MatchOptions = z.input<typeof matchOptionsSchema>;

export type MatchSettings = z.output<typeof matchOptionsSchema>;

/**
 * Fills in the defaults.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
export function resolveMatchSettings(options: MatchOptions = {}): MatchSettings {
  const parsed = matchOptionsSchema.safeParse(options);
  if (!parsed.success) throw optionError(parsed.error.issues[0]!, options);
  resolvePatch(parsed.data);
  return parsed.data;
}

/** Which pictures are matched. */
export interface MatchInput {
  /** The picture whose patches are looked for. */
  readonly picture: Image;
  /** The picture that they are looked for in. */
  readonly reference: Image;
  /** Ends the work with the signal's reason as an error. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of the part of the comparison that is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface PictureMatch extends Correspondence {
  readonly settings: MatchSettings;
  /** `[height, width]`: normalised cross-correlation of each patch with its match. */
  readonly scores: Float32Array;
  /** The picture rebuilt from the reference's pixels, at the picture's own size. */
  readonly rebuilt: Image;
  /** The field as colours, and the scores as grey, at the picture's own size; see {@link drawCorrespondence}. */
  readonly fieldPicture: Image;
  readonly scorePicture: Image;
}

/**
 * Finds for every place of a picture the place of another that looks most alike to a VGG network's layer, and rebuilds the
 * first picture from the second's pixels.
 * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have,
 * `E_IMAGE_SIZE` when a picture is too small to reach it
 */
export async function matchPictures(
  runtime: Runtime,
  weights: VggWeights,
  work: MatchInput,
  options: MatchOptions = {},
): Promise<PictureMatch> {
  const settings = resolveMatchSettings(options);
  const { patch, stride } = settings;
  const cell = 2 ** (findLayer(weights, settings.layer).layer.block - 1);
  const { picture, reference } = work;
  const [own, other] = [fitted(picture, settings.size), fitted(reference, settings.size)];
  const features = (image: Image): Promise<FeatureMaps> =>
    layerFeatures(runtime, weights, image, settings.layer, settings.pooling);
  const [a, b] = [await features(own), await features(other)];
  const { correspondence, scores } = await patchMatch(runtime, a, b, { ...work, patch, stride });
  const [, , height, width] = a.shape;
  const [, , targetHeight, targetWidth] = b.shape;
  const field = { height, width, targetHeight, targetWidth, field: correspondence };
  const rebuilt = rebuildFromPatches(
    field,
    { ...picture, scale: { cell, pixels: picture.width / own.width } },
    { image: reference, scale: { cell, pixels: reference.width / other.width } },
    patchOffsets(patch, stride),
  );
  const enlarged = (map: Image): Image => resizeImage(map, picture.width, picture.height, 'nearest');
  return {
    ...field,
    settings,
    scores,
    rebuilt,
    fieldPicture: enlarged(drawCorrespondence(field)),
    scorePicture: enlarged(drawScores(scores, height, width)),
  };
}

function fitted(image: Image, size: number): Image {
  if (Math.max(image.width, image.height) <= size) return image;
  const { width, height } = fitLongSide(image.width, image.height, size);
  return resizeImage(image, width, height);
}

/** The features of a picture at one layer. */
async function layerFeatures(
  runtime: Runtime,
  weights: VggWeights,
  image: Image,
  layer: string,
  pooling: Pooling,
): Promise<FeatureMaps> {
  const map = vggFeatures(pictureOf(image), weights, [layer], { pooling, padding: 'zero' })[layer]!;
  const { map: values } = await runOnce(runtime, { map }, { [pictureInput]: image.rgb });
  return { shape: map.shape as unknown as FeatureMaps['shape'], values: values! };
}
