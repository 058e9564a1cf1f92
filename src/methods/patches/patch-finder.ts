import { patchTargets, type LayerMap, type PatchTargets } from '../../losses/patches.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Image, Size } from '../../images/image.js';
import type { NamedTensors, Tensor } from '../../graph/index.js';
import type { OutputValues } from '../../runtime/runtime.js';
import type { MethodContext } from '../method.js';
import type { LossTerms } from '../optimization/loss-terms.js';
import { pictureValues } from '../optimization/picture-values.js';
import { compileTerms, type TermsProgram } from '../optimization/windowed-program.js';
import type { CanvasSize } from '../plan.js';
import { rebuildFromPatches, type Correspondence } from '../match/correspondence-pictures.js';
import { patchOffsets, type FeatureMaps } from '../../patch-match/feature-maps.js';
import { PatchMatcher } from '../../patch-match/patch-matcher.js';
import { pictureInput, pictureOf } from '../optimization/graph-inputs.js';
import type { PatchStyleSettings } from './options.js';
import { activePatchLayers, colorsInput, patchInput, patchMaps } from './patch-picture-loss.js';

/** The maps of pictures of one size, by layer. */
interface CompiledMaps {
  readonly program: TermsProgram;
  readonly shapes: Shapes;
}

type Shapes = Readonly<Record<string, readonly number[]>>;

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
    private readonly context: MethodContext<PatchStyleSettings>,
    private readonly maps: CompiledMaps | undefined,
    private readonly style: Readonly<Record<string, FeatureMaps>>,
    private readonly colors: PatchColors | undefined,
  ) {}

  /**
   * @param style the painting at the size that its patches are taken in
   * @param size of the pictures to come; the painting's maps are computed in windows of its side as well
   * @throws StyleError `E_LAYER` for a layer that the network doesn't have, `E_IMAGE_SIZE` when it can't be reached
   */
  static async create(
    context: MethodContext<PatchStyleSettings>,
    style: Image,
    size: CanvasSize,
  ): Promise<PatchFinder> {
    const { weights, settings, programs } = context;
    const terms = (x: Tensor): NamedTensors => patchMaps(x, weights, settings);
    const shapes = shapesOf(terms, size);
    if (Object.keys(shapes).length === 0) return new PatchFinder(context, undefined, {}, undefined);
    const { width, height } = style;
    const values = await pictureValues(programs, `style ${width}x${height}`, terms, style, size);
    const key = `patches ${size.width}x${size.height}`;
    const maps = { shapes, program: await compileTerms(programs, key, size, terms) };
    const colors = settings.colorWeight === 0 ? undefined : patchColors(weights, settings, style, size);
    return new PatchFinder(context, maps, mapsOf(shapesOf(terms, style), values), colors);
  }

  /** The targets of a picture's patches, by the names of the loss graph's inputs. */
  async targets(rgb: Float32Array): Promise<Record<string, Float32Array>> {
    if (this.maps === undefined) return {};
    const { settings, runtime } = this.context;
    const { patch, stride } = settings;
    const current = mapsOf(this.maps.shapes, await this.maps.program.run({ [pictureInput]: rgb }));
    const inputs: Record<string, Float32Array> = {};
    for (const [layer] of activePatchLayers(settings)) {
      const [map, style] = [current[layer]!, this.style[layer]!];
      const matcher = this.matchers.get(layer) ?? new PatchMatcher(runtime);
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
    await this.maps?.program.dispose();
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

function shapesOf(terms: LossTerms, size: Size): Shapes {
  return Object.fromEntries(
    Object.entries(terms(pictureOf(size))).map(([layer, { shape }]) => [layer, shape]),
  );
}

function mapsOf(shapes: Shapes, values: OutputValues): Record<string, FeatureMaps> {
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
