import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import { gramMatrix } from '../../losses/gram.js';
import type { LayerMap } from '../../losses/patches.js';
import { RankTarget } from '../../ranks/rank-matching.js';
import { vggFeatures } from '../../networks/vgg.js';
import { resolveLayer } from '../../networks/vgg-layers.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type InputValues, type OutputValues, type Runtime } from '../../runtime/runtime.js';
import type { MatchedLayers, MatchedPlaces } from '../optimization/activation-matching.js';
import { patchMatch } from '../../patch-match/patch-matcher.js';
import type { MethodContext } from '../method.js';
import { contentInput, histogramInput, pictureOf, styleInput } from '../optimization/graph-inputs.js';
import { pictureValues } from '../optimization/picture-values.js';
import { consistentMatches, gatherPlaces, propagateMatches } from './correspondence.js';
import { passLayers, maskInput, regionInput, type HarmonizePass } from './harmonize-loss.js';
import type { ObjectRegion } from './object-region.js';
import type { ObjectWindow } from './object-window.js';
import type { HarmonizeSettings } from './options.js';

/** What a pass aims at. */
export interface PassTargets {
  /** Values of the loss graph's inputs that stay. */
  readonly targets: Readonly<Record<string, Float32Array>>;
  /** By the input's name, the distributions that the object's activations are given at every evaluation. */
  readonly matched: MatchedLayers;
}

/** The pictures of a pass, all of one size. */
export interface PassPictures {
  readonly painting: Image;
  /** The painting with the object pasted in: what content is taken from. */
  readonly composite: Image;
  /** The picture whose patches are matched: the composite, and in the second pass what the first has made. */
  readonly picture: Image;
}

type Maps = Readonly<Record<string, LayerMap>>;

/**
 * Finds what a pass aims at: matches between picture and painting, and from them the style's statistics.
 * @param scale the pass, and the side of the windows that maps are computed in, if any
 * @param window the part of the picture that is worked on; targets of places are those of its maps
 * @throws StyleError `E_LAYER` for a layer that the network doesn't have, `E_IMAGE_SIZE` when it can't be reached or the
 * object covers none of its positions
 */
export async function passTargets(
  context: MethodContext<HarmonizeSettings>,
  { pass, window: side }: { readonly pass: HarmonizePass; readonly window?: number | undefined },
  pictures: PassPictures,
  region: ObjectRegion,
  window: ObjectWindow,
): Promise<PassTargets> {
  const { runtime, weights, settings } = context;
  const { content, style, histogram } = passLayers(settings, pass);
  const { styled, looked } = matchedMaps(settings, pass);
  const maps = (layers: readonly string[], picture: Image): Promise<Maps> =>
    mapsOf(context, [...new Set(layers)], picture, side);
  const [composite, painting] = [
    await maps(names(content), pictures.composite),
    await maps([...styled, ...looked], pictures.painting),
  ];
  const current = await maps(looked, pictures.picture);

  const cellOf = (layer: string): number => 2 ** (resolveLayer(weights.architecture, layer).layer.block - 1);
  const bound: Record<string, Float32Array> = {
    [maskInput]: window.cut(region.parts, region, 1),
  };
  for (const [layer, map] of Object.entries({ ...painting, ...composite })) {
    const inside = new Float32Array(map.height * map.width);
    for (const position of region.positions(layer, map.height, map.width)) inside[position] = 1;
    bound[regionInput(layer)] = window.cut(inside, map, cellOf(layer));
  }
  for (const [layer, map] of Object.entries(composite)) {
    bound[contentInput(layer)] = window.cut(map.values, map, cellOf(layer));
  }

  const independent = await nearestMatches(runtime, settings, current, painting);
  const places =
    pass === 'coarse'
      ? (layer: string, positions: Uint32Array): Int32Array =>
          Int32Array.from(positions, (position) => independent[layer]![position]!)
      : followReference(weights, settings, painting, independent, region);
  const samples: Record<string, LayerMap> = {};
  const matched = new Map<string, readonly MatchedPlaces[]>();
  for (const layer of styled) {
    const map = painting[layer]!;
    const positions = region.positions(layer, map.height, map.width);
    const found = places(layer, positions);
    // A place that many patches match would drown the others.
    const counted = pass === 'coarse' ? found : [...new Set(found)];
    const values = gatherPlaces(map, counted);
    samples[layer] = { channels: map.channels, height: 1, width: counted.length, values };
    if (names(histogram).includes(layer)) {
      matched.set(histogramInput(layer), [
        {
          target: RankTarget.of(values, map.channels),
          positions: window.renumber(positions, map, cellOf(layer)),
        },
      ]);
    }
  }
  return { targets: { ...bound, ...(await gramsOf(runtime, names(style), samples)) }, matched };
}

const names = (layers: readonly (readonly [string, number])[]): string[] => layers.map(([name]) => name);

/** The layers whose features are taken from the painting in a pass, and those whose patches are looked for in it. */
export function matchedMaps(
  settings: HarmonizeSettings,
  pass: HarmonizePass,
): { readonly styled: readonly string[]; readonly looked: readonly string[] } {
  const { style, histogram } = passLayers(settings, pass);
  const styled = [...new Set([...names(style), ...names(histogram)])];
  if (pass === 'coarse') return { styled, looked: styled };
  return { styled, looked: styled.length === 0 ? [] : [settings.referenceLayer] };
}

/** A picture's maps by layer. @param window the side of windows that they are computed in, if any */
async function mapsOf(
  { weights, settings, programs }: MethodContext<HarmonizeSettings>,
  layers: readonly string[],
  picture: Image,
  window: number | undefined,
): Promise<Maps> {
  if (layers.length === 0) return {};
  const terms = (x: Tensor): NamedTensors => vggFeatures(x, weights, layers, { pooling: settings.pooling });
  const maps = terms(pictureOf(picture));
  const key = `${layers.join()} ${picture.width}x${picture.height}`;
  const values = await pictureValues(programs, key, terms, picture, { window });
  return Object.fromEntries(
    layers.map((layer) => {
      const [, channels, height, width] = maps[layer]!.shape as [number, number, number, number];
      return [layer, { channels, height, width, values: values[layer]! }];
    }),
  );
}

/** For every position of a picture's maps, the number of its nearest patch in the painting's, by layer. */
async function nearestMatches(
  runtime: Runtime,
  { patch }: HarmonizeSettings,
  current: Maps,
  painting: Maps,
): Promise<Record<string, Int32Array>> {
  const result: Record<string, Int32Array> = {};
  for (const [layer, { channels, height, width, values }] of Object.entries(current)) {
    const shape = [1, channels, height, width] as const;
    const target = { shape, values: painting[layer]!.values };
    const { correspondence } = await patchMatch(runtime, { shape, values }, target, { patch });
    result[layer] = Int32Array.from(
      { length: height * width },
      (_, i) => correspondence[2 * i]! * width + correspondence[2 * i + 1]!,
    );
  }
  return result;
}

/** How a layer's positions follow the matches of the reference layer, which are made to agree first. */
function followReference(
  weights: VggWeights,
  { referenceLayer, patch }: HarmonizeSettings,
  painting: Maps,
  independent: Readonly<Record<string, Int32Array>>,
  region: ObjectRegion,
): (layer: string, positions: Uint32Array) => Int32Array {
  const reference = painting[referenceLayer];
  // No layer follows where none counts.
  if (reference === undefined) return () => new Int32Array(0);
  const touched = region.touched(reference.height, reference.width);
  const matches = consistentMatches(reference, independent[referenceLayer]!, touched, (patch - 1) / 2);
  const blockOf = (layer: string): number => resolveLayer(weights.architecture, layer).layer.block;
  return (layer, positions) => {
    const ratio = 2 ** (blockOf(referenceLayer) - blockOf(layer));
    return propagateMatches(matches, reference, painting[layer]!, ratio, positions);
  };
}

/** Gram matrices of gathered features, as means over their places. */
async function gramsOf(runtime: Runtime, layers: readonly string[], samples: Maps): Promise<OutputValues> {
  if (layers.length === 0) return {};
  const graph: NamedTensors = Object.fromEntries(
    layers.map((layer) => {
      const { channels, width } = samples[layer]!;
      return [styleInput(layer), gramMatrix(input(layer, [1, channels, 1, width]), 'hw')];
    }),
  );
  const gathered = layers.map((layer) => [layer, samples[layer]!.values]);
  return runOnce(runtime, graph, Object.fromEntries(gathered) as InputValues);
}
