import type { NamedTensors, Tensor } from '../../graph/index.js';
import { variationOf, type Variation } from '../../images/flatness.js';
import type { Image } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import { resizeImage } from '../../images/resize.js';
import { ResizedPicture } from '../../images/resized-picture.js';
import { layerChannels } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { PositionVectors } from '../../patch-match/nearest-positions.js';
import type { OutputValues } from '../../runtime/runtime.js';
import type { MethodTask } from '../method.js';
import { compileLoss } from '../optimization/compiled-loss.js';
import { contentMaps } from '../optimization/content-terms.js';
import { grainValues } from '../optimization/grain-weights.js';
import { pictureValues } from '../optimization/picture-values.js';
import type { ReadyScale } from '../optimization/walk.js';
import type { WalkStages } from '../optimization/walk-method.js';
import { canvasSize, type ScalePlan } from '../plan.js';
import { ColorAndMaskComposer, keepColors } from '../stylize/color-preservation.js';
import { refinedPicture } from '../stylize/initial-picture.js';
import { StyleRegions } from '../stylize/regions.js';
import { paintingSize } from '../stylize/scales.js';
import { pictureHypercolumns } from './hypercolumns.js';
import { neighborInput, neighborPictureLoss } from './neighbor-picture-loss.js';
import { NeighborSearch, type Hypercolumns, type PaintingFeatures } from './neighbor-search.js';
import type { NeighborPictures, NeighborScale } from './neighbors-method.js';
import type { NeighborSettings } from './options.js';

/** How a photograph is repainted by neighbours, from coarse to fine. */
export function neighborStages(
  task: MethodTask<NeighborSettings, NeighborPictures>,
  pictures: NeighborPictures,
  plan: ScalePlan<NeighborScale>,
): WalkStages<NeighborScale> {
  const { settings } = task;
  const composer = new ColorAndMaskComposer(pictures, settings, plan);
  const regions = StyleRegions.of(
    pictures,
    pictures.styles.map(() => 1),
  );
  const seen = keepColors(pictures, settings);
  return {
    prepare: (scale, earlier) => prepareScale(task, seen, regions, scale, earlier.at(-1)),
    present: (image) => composer.compose(image),
    finish: (images) => composer.compose(resizeImage(images.at(-1)!, plan.width, plan.height)),
  };
}

async function prepareScale(
  task: MethodTask<NeighborSettings, NeighborPictures>,
  { content, styles }: NeighborPictures,
  regions: StyleRegions | undefined,
  scale: NeighborScale,
  coarser: Image | undefined,
): Promise<ReadyScale> {
  const { settings, weights, programs, runtime, signal, factors } = task;
  const { width, height, margin, groups } = scale;
  const sizes = styles.map((style) => paintingSize(style, scale));
  const guides = regions?.guides(scale, sizes);
  const columns = (x: Tensor): NamedTensors =>
    pictureHypercolumns(x, weights, settings.layers, settings.pooling);
  const features = async (image: Image, window: number | undefined): Promise<Hypercolumns> => {
    const key = `hypercolumns ${image.width}x${image.height}`;
    return vectorsOf(await pictureValues(programs, key, columns, image, { window }), weights);
  };
  const [paintings, variations]: [PaintingFeatures[], Variation[]] = [[], []];
  for (const [index, style] of styles.entries()) {
    const size = sizes[index]!;
    const painting = resizeImage(style, size.width, size.height);
    variations.push(variationOf(painting));
    paintings.push({ features: await features(painting, size.window), guides: guides?.styles[index] });
  }
  const search = new NeighborSearch(runtime, paintings);
  const resized = new ResizedPicture(content, 1);
  const photograph = addMirroredMargin(resized.at(scale), margin);
  const start = addMirroredMargin(
    coarser === undefined ? resized.at(scale) : refinedPicture(coarser, resized, scale, 'content'),
    margin,
  );
  const split = groups.length > 1;
  const canvas = canvasSize(scale);
  const maps = (x: Tensor): NamedTensors => contentMaps(x, weights, settings);
  const targets = {
    ...(await pictureValues(programs, `content ${width}x${height}`, maps, photograph, scale)),
    ...standardInputs(search),
    ...(settings.grainWeight === 0 ? {} : grainValues(photograph, variations)),
  };
  const loss = neighborPictureLoss(weights, settings, groups, canvas);
  const key = `${split ? 'by layer ' : ''}${width}x${height}`;
  const compiled = await compileLoss(programs, key, { ...loss, factors }, { targets, start });
  // Where there is a result already a signal doesn't throw: the optimiser ends with the best picture so far.
  const stopping = coarser === undefined ? signal : undefined;
  const bindNeighbors = async (picture: Hypercolumns): Promise<void> => {
    for (const layers of groups) {
      const found = await search.find(picture, layers, guides?.content, stopping);
      await compiled.bind(
        Object.fromEntries(layers.map((layer) => [neighborInput(layer, 'target'), found[layer]!.values])),
      );
    }
  };
  const dispose = async (): Promise<void> => {
    await compiled.dispose();
    await search.dispose();
  };
  try {
    if (!split) {
      const photographed = await features(photograph, scale.window);
      await bindNeighbors(
        coarser === undefined
          ? photographed
          : blended(photographed, await features(start, scale.window), shareOfPicture),
      );
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    ...compiled,
    start,
    ...(split
      ? {
          rounds: {
            steps: settings.rematch,
            begin: async (picture: Image) => bindNeighbors(await features(picture, scale.window)),
          },
        }
      : {}),
    dispose,
  };
}

/** How much of the picture so far is in what looks for neighbours; the rest is the photograph (the paper's 1 - alpha). */
const shareOfPicture = 0.25;

function vectorsOf(maps: OutputValues, weights: VggWeights): Hypercolumns {
  return Object.fromEntries(
    Object.entries(maps).map(([layer, values]): [string, PositionVectors] => {
      const channels = layerChannels(weights, layer);
      return [layer, { channels, count: values.length / channels, values }];
    }),
  );
}

/** `(1 - share) a + share b`. */
function blended(a: Hypercolumns, b: Hypercolumns, share: number): Hypercolumns {
  return Object.fromEntries(
    Object.entries(a).map(([layer, vectors]) => {
      const other = b[layer]!.values;
      const values = vectors.values.map((value, i) => (1 - share) * value + share * other[i]!);
      return [layer, { ...vectors, values }];
    }),
  );
}

function standardInputs({ standards }: NeighborSearch): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(standards).flatMap(([layer, { mean, scale }]) => [
      [neighborInput(layer, 'mean'), mean],
      [neighborInput(layer, 'scale'), Float32Array.of(scale)],
    ]),
  );
}
