import { z } from 'zod';
import { estimateCost, type Cost, type Tensor } from '../../graph/index.js';
import { encodeNpy } from '../../formats/npy.js';
import type { Image, Size } from '../../images/image.js';
import { resizeImage, shrinkImage, withinLongSide } from '../../images/resize.js';
import { findLayer, vggFeatures } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { argumentError } from '../../errors.js';
import { methodDescriptions } from '../descriptions.js';
import type { Method, MethodOutcome, MethodTask } from '../method.js';
import { parseOptions, patch, pooling, seed, seenSide, stride } from '../options.js';
import { pictureInput, pictureOf } from '../optimization/graph-inputs.js';
import {
  noOptimizer,
  optimizationMemory,
  pictureBytes,
  picturesMemory,
  resultMemory,
} from '../optimization/memory.js';
import { patchOffsets, resolvePatch, type FeatureMaps } from '../../patch-match/feature-maps.js';
import { patchMatch, patchSearches } from '../../patch-match/patch-matcher.js';
import { searchDemand } from '../../patch-match/search-demand.js';
import {
  drawCorrespondence,
  drawScores,
  rebuildFromPatches,
  type Correspondence,
} from './correspondence-pictures.js';

/** What can be set of a match of pictures. */
export const matchOptionsSchema = z.strictObject({
  layer: z.string().min(1).describe('layer whose features are compared, such as relu3_1').default('relu4_1'),
  patch,
  stride,
  size: seenSide
    .describe('long side that both pictures are brought to for the network; never enlarged')
    .default(512),
  pooling: pooling.default('max'),
  search: z
    .enum(patchSearches)
    .describe('how matches are looked for: exact compares all pairs, approximate finds good ones much sooner')
    .default('exact'),
  seed: seed
    .removeDefault()
    .describe("seed of an approximate search's random numbers (default: 0)")
    .optional(),
});

/** Options as a caller gives them. */
export type MatchOptions = z.input<typeof matchOptionsSchema>;

export type MatchSettings = z.output<typeof matchOptionsSchema>;

/** Pictures of the picture's own size that are drawn in the end and kept until all are written. */
const drawnPictures = 3;

/** What looking at one of the pictures takes. */
interface MeasuredPicture {
  readonly map: FeatureMaps['shape'];
  readonly cost: Cost;
  /** Bytes while its features are computed. */
  readonly memory: number;
}

/** Which pictures are matched. */
export interface MatchPictures {
  /** The picture whose patches are looked for. */
  readonly picture: Image;
  /** The picture that they are looked for in. */
  readonly reference: Image;
}

export interface PictureMatch extends MethodOutcome, Correspondence {
  /** `[height, width]`: normalised cross-correlation of each patch with its match. */
  readonly scores: Float32Array;
  /** The picture rebuilt from the reference's pixels, at the picture's own size. */
  readonly rebuilt: Image;
  /** The field as colours, and the scores as grey, at the picture's own size; see {@link drawCorrespondence}. */
  readonly fieldPicture: Image;
  readonly scorePicture: Image;
}

/** The files of a match. */
export const matchFileNames = {
  /** int32 `[height, width, 2]`, row and column of each position's match in the reference's map. */
  correspondence: 'correspondence.npy',
  /** float32 `[height, width]`, -1 to 1. */
  scores: 'scores.npy',
  fieldPicture: 'correspondence.png',
  scorePicture: 'scores.png',
  rebuilt: 'rebuilt.png',
} as const;

/**
 * Finds for every place of a picture the place of another that is most alike to a layer of the network, and rebuilds the
 * first picture from the second's pixels.
 */
export const match: Method<MatchOptions, MatchSettings, MatchPictures, PictureMatch> = {
  name: 'match',
  description: methodDescriptions.match,
  roles: [
    { name: 'picture', description: 'the picture whose patches are looked for', argument: true },
    { name: 'reference', description: 'the picture that they are looked for in', argument: true },
  ],
  batch: false,
  options: matchOptionsSchema,
  examples: [
    { pictures: { picture: 'photo.jpg', reference: 'painting.jpg' }, output: 'matched/' },
    {
      pictures: { picture: 'photo.jpg', reference: 'painting.jpg' },
      output: 'matched/',
      options: { layer: 'relu3_1', patch: 5 },
    },
    {
      pictures: { picture: 'photo.jpg', reference: 'painting.jpg' },
      output: 'matched/',
      options: { layer: 'relu2_1', search: 'approximate' },
    },
  ],
  notes: `Writes into the folder: ${matchFileNames.correspondence} (row and column of each position's match, int32) and
${matchFileNames.scores} (float32), for NumPy; ${matchFileNames.fieldPicture}, the same as colours: the hue is the direction to the
match, the saturation the distance; ${matchFileNames.scorePicture}, black for 0 and white for 1; ${matchFileNames.rebuilt}, the first picture made of
the second one's patches.`,
  output: {
    kind: 'folder',
    names: Object.values(matchFileNames),
    files: ({ height, width, field, scores, fieldPicture, scorePicture, rebuilt }) => ({
      [matchFileNames.correspondence]: encodeNpy(field, [height, width, 2]),
      [matchFileNames.scores]: encodeNpy(scores, [height, width]),
      [matchFileNames.fieldPicture]: fieldPicture,
      [matchFileNames.scorePicture]: scorePicture,
      [matchFileNames.rebuilt]: rebuilt,
    }),
  },
  resolve: resolveMatchSettings,
  network: () => undefined,
  plan({ settings, pictures }, weights) {
    const { width, height } = pictures.picture;
    const sources = picturesMemory({ ...pictures });
    const [near, far] = [pictures.picture, pictures.reference].map((picture) => {
      const size = withinLongSide(picture, settings.size);
      const graph = layerMap(weights!, size, settings);
      const cost = estimateCost(graph);
      return { map: mapShape(graph.map), cost, memory: optimizationMemory(cost, noOptimizer, size) };
    }) as [MeasuredPicture, MeasuredPicture];
    const drawn = resultMemory(pictures.picture) + (drawnPictures - 1) * pictureBytes(pictures.picture);
    // What one of them leaves behind the next does not always get.
    const searching = searchDemand(near.map, far.map, settings);
    return {
      width,
      height,
      scales: [],
      memoryBytes: sources + searching.bytes + Math.max(near.memory, far.memory, drawn),
      operations: near.cost.operations + far.cost.operations + searching.operations,
    };
  },
  resized: (settings, size) => ({ ...settings, size }),
  terms: () => [],
  run: matchPictures,
  describe: ({ layer, patch, stride, search, seed: number = 0 }, names) => ({
    title: `patches of ${names['picture']!.join(', ')} matched in ${names['reference']!.join(', ')}`,
    facts: [
      ['Layer', layer],
      ['Patch', `${patch}x${patch}, every ${stride}`],
      ['Search', search === 'exact' ? search : `${search}, seed ${number}`],
    ],
  }),
  summarize(outcome) {
    const { width, height, targetWidth, targetHeight } = outcome;
    const { meanScore, coverage } = measureMatch(outcome);
    return [
      ['patches', `${width}x${height} among ${targetWidth}x${targetHeight}`],
      ['mean score', String(Number(meanScore.toPrecision(3)))],
      ['part of the reference that is used', `${Number((100 * coverage).toPrecision(3))} %`],
    ];
  },
  record(outcome) {
    const { width, height, targetWidth, targetHeight } = outcome;
    return {
      map: { width, height },
      referenceMap: { width: targetWidth, height: targetHeight },
      ...measureMatch(outcome),
    };
  },
};

/**
 * Checks the options of a match.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, and what it takes
 */
function resolveMatchSettings(options: MatchOptions): MatchSettings {
  const settings = parseOptions(matchOptionsSchema, options);
  resolvePatch(settings);
  if (settings.search === 'exact' && settings.seed !== undefined) {
    throw argumentError(
      'seed',
      `The option seed is ${settings.seed}, and an exact search has no random numbers.`,
      'Leave it out, or set the option search to approximate.',
    );
  }
  return settings;
}

/** The mean of the scores, and the part of the reference's positions that are anyone's match, 0 to 1. */
function measureMatch({ field, scores, targetWidth, targetHeight }: PictureMatch): {
  meanScore: number;
  coverage: number;
} {
  const used = new Set(
    Array.from({ length: scores.length }, (_, i) => field[2 * i]! * targetWidth + field[2 * i + 1]!),
  );
  return {
    meanScore: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    coverage: used.size / (targetHeight * targetWidth),
  };
}

async function matchPictures(task: MethodTask<MatchSettings, MatchPictures>): Promise<PictureMatch> {
  const { settings, runtime, weights, signal, onProgress } = task;
  const { patch, stride, layer, size, search, seed: number } = settings;
  const cell = 2 ** (findLayer(weights, layer).layer.block - 1);
  const { picture, reference } = task.pictures;
  const [near, far] = [shrinkImage(picture, size), shrinkImage(reference, size)];
  const features = (image: Image): Promise<FeatureMaps> => layerFeatures(runtime, weights, image, settings);
  const [a, b] = [await features(near), await features(far)];
  const { correspondence, scores } = await patchMatch(runtime, a, b, {
    signal,
    patch,
    stride,
    search,
    seed: number,
    onProgress: (done) => onProgress?.({ type: 'part', done }),
  });
  const [, , height, width] = a.shape;
  const [, , targetHeight, targetWidth] = b.shape;
  const field = { height, width, targetHeight, targetWidth, field: correspondence };
  const rebuilt = rebuildFromPatches(
    field,
    { ...picture, scale: { cell, pixels: picture.width / near.width } },
    { image: reference, scale: { cell, pixels: reference.width / far.width } },
    patchOffsets(patch, stride),
  );
  const enlarged = (map: Image): Image => resizeImage(map, picture.width, picture.height, 'nearest');
  return {
    ...field,
    stopped: 'finished',
    scores,
    rebuilt,
    fieldPicture: enlarged(drawCorrespondence(field)),
    scorePicture: enlarged(drawScores(scores, height, width)),
  };
}

/** The features of a picture at one layer. */
async function layerFeatures(
  runtime: Runtime,
  weights: VggWeights,
  image: Image,
  settings: MatchSettings,
): Promise<FeatureMaps> {
  const graph = layerMap(weights, image, settings);
  const { map: values } = await runOnce(runtime, graph, { [pictureInput]: image.rgb });
  const { map } = graph;
  return { shape: mapShape(map), values: values! };
}

const mapShape = ({ shape }: Tensor): FeatureMaps['shape'] => shape as unknown as FeatureMaps['shape'];

const layerMap = (weights: VggWeights, size: Size, { layer, pooling }: MatchSettings): { map: Tensor } => ({
  map: vggFeatures(pictureOf(size), weights, [layer], { pooling })[layer]!,
});
