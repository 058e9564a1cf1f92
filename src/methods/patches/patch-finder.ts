import { patchTargets, type LayerMap, type PatchTargets } from '../../losses/patches.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Image, Size } from '../../images/image.js';
import { runOnce, type OutputValues, type Program, type Runtime } from '../../runtime/runtime.js';
import { rebuildFromPatches, type Correspondence } from '../match/correspondence-pictures.js';
import { patchOffsets, type FeatureMaps } from '../../patch-match/feature-maps.js';
import { PatchMatcher } from '../../patch-match/patch-matcher.js';
import { pictureInput, pictureOf } from '../optimization/graph-inputs.js';
import type { PatchStyleSettings } from './options.js';
import { activePatchLayers, colorsInput, patchInput, patchMaps } from './patch-picture-loss.js';

/** How the pixels of matched patches become a picture. */
interface PatchColors {
  /** The layer whose matches the pixels follow. */
  readonly layer: string;
  rebuilt(matches: Correspondence): Image;
}

/** Finds the targets of a picture's patches at one size, as often as it is asked. Keeps the graphs that this takes. */
export class PatchFinder {
  private readonly matchers = new Map<string, PatchMatcher>();

  private constructor(
    private readonly runtime: Runtime,
    private readonly settings: PatchStyleSettings,
    private readonly maps: Program | undefined,
    private readonly style: Readonly<Record<string, FeatureMaps>>,
    private readonly colors: PatchColors | undefined,
  ) {}

  /**
   * @param style the painting at the size that its patches are taken in
   * @param size of the pictures to come
   * @throws StyleError `E_LAYER` for a layer that the network doesn't have, `E_IMAGE_SIZE` when it can't be reached
   */
  static async create(
    runtime: Runtime,
    weights: VggWeights,
    settings: PatchStyleSettings,
    style: Image,
    size: Size,
  ): Promise<PatchFinder> {
    const outputs = patchMaps(pictureOf(style), weights, settings);
    if (Object.keys(outputs).length === 0)
      return new PatchFinder(runtime, settings, undefined, {}, undefined);
    const shapes = Object.fromEntries(Object.entries(outputs).map(([layer, { shape }]) => [layer, shape]));
    const styleMaps = mapsOf(shapes, await runOnce(runtime, outputs, { [pictureInput]: style.rgb }));
    const maps = await runtime.compile(patchMaps(pictureOf(size), weights, settings));
    const colors = settings.colorWeight === 0 ? undefined : patchColors(weights, settings, style, size);
    return new PatchFinder(runtime, settings, maps, styleMaps, colors);
  }

  /** The targets of a picture's patches, by the names of the loss graph's inputs. */
  async targets(rgb: Float32Array): Promise<Record<string, Float32Array>> {
    if (this.maps === undefined) return {};
    const { patch, stride } = this.settings;
    const current = mapsOf(this.maps.outputs, await this.maps.run({ [pictureInput]: rgb }));
    const inputs: Record<string, Float32Array> = {};
    for (const [layer] of activePatchLayers(this.settings)) {
      const [map, style] = [current[layer]!, this.style[layer]!];
      const matcher = this.matchers.get(layer) ?? new PatchMatcher(this.runtime);
      this.matchers.set(layer, matcher);
      const { correspondence } = await matcher.match(map, style, { patch, stride });
      const [, , height, width] = map.shape;
      const matches = { height, width, field: correspondence };
      const targets = patchTargets(layerMap(style), matches, patchOffsets(patch, stride));
      for (const part of Object.keys(targets) as (keyof PatchTargets)[]) {
        inputs[patchInput(layer, part)] = targets[part];
      }
      if (this.colors?.layer === layer) {
        const [, , targetHeight, targetWidth] = style.shape;
        inputs[colorsInput] = this.colors.rebuilt({ ...matches, targetHeight, targetWidth }).rgb;
      }
    }
    return inputs;
  }

  /** Frees the graphs. */
  async dispose(): Promise<void> {
    await Promise.all([...this.matchers.values()].map((matcher) => matcher.dispose()));
    await this.maps?.dispose();
  }
}

/** Pixels follow the matches of the finest of the layers, where patches are smallest. */
function patchColors(
  weights: VggWeights,
  settings: PatchStyleSettings,
  style: Image,
  { width, height }: Size,
): PatchColors {
  const blockOf = (layer: string): number => findLayer(weights, layer).layer.block;
  const [layer] = activePatchLayers(settings)
    .map(([name]) => name)
    .sort((a, b) => blockOf(a) - blockOf(b)) as [string];
  const scale = { cell: 2 ** (blockOf(layer) - 1), pixels: 1 };
  const offsets = patchOffsets(settings.patch, settings.stride);
  return {
    layer,
    rebuilt: (matches) =>
      rebuildFromPatches(matches, { width, height, scale }, { image: style, scale }, offsets),
  };
}

function mapsOf(shapes: Program['outputs'], values: OutputValues): Record<string, FeatureMaps> {
  return Object.fromEntries(
    Object.entries(values).map(([layer, map]) => [
      layer,
      { shape: shapes[layer] as unknown as FeatureMaps['shape'], values: map },
    ]),
  );
}

function layerMap({ shape, values }: FeatureMaps): LayerMap {
  const [, channels, height, width] = shape;
  return { channels, height, width, values };
}
