import { estimateCost, input, type NamedTensors } from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut, extendMirrored } from '../../images/margin.js';
import { luminanceOf, withLuminance } from '../../images/luminance.js';
import { paintedParts, paintOver } from '../../images/output-mask.js';
import { clampUnit, fitLongSide, resizeImage } from '../../images/resize.js';
import { throwIfAborted } from '../../abort.js';
import type { InputValues } from '../../runtime/runtime.js';
import { conditionalNetwork, conditionInputs } from '../../networks/conditional-network.js';
import { modelInput, modelOutput, modelParameters, type StyleModel } from '../../networks/style-model.js';
import { factNumber } from '../facts.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { noOptimizer, optimizationMemory, picturesMemory, resultMemory } from '../optimization/memory.js';
import { modelConditions } from './model-conditions.js';
import {
  applyOptionsSchema,
  resolveApplySettings,
  type ApplyOptions,
  type ApplySettings,
} from './options.js';
import { paintRegions, regionsOf } from './style-regions.js';
import { inputsOf, repaintInTiles, tileCost } from './tiled-network.js';

/** What a model repaints. */
export interface ApplyPictures {
  readonly picture: Image;
  /** White where it is painted, black where it stays. */
  readonly mask?: Image | undefined;
  /** One for each style of the options, in their order: white where that style is painted. */
  readonly styleMasks?: readonly Image[] | undefined;
}

/** Larger pictures are computed in tiles of this side unless another is given: as a whole they would take more than a gigabyte. */
const mostPixels = 4e6;
const usualTile = 1024;
/** ONNX Runtime's copies for its own layouts and for borders, beside what the estimate of memory has; measured. */
const activationsFactor = 1.9;
/** Copies of the picture beside it and its result: at its size, on the way to the network and back. */
const copies = 4;

/** The least sides that a network can reflect its borders at. */
const smallestSide = 32;

/** One pass of a trained network. */
export const apply: Method<ApplyOptions, ApplySettings, ApplyPictures, PictureOutcome, StyleModel> = {
  name: 'apply',
  description: 'repaint pictures in one pass with a model that was trained for some paintings',
  roles: [
    { name: 'picture', description: 'the picture to repaint', argument: true },
    {
      name: 'mask',
      description: 'where it is painted: white; black stays as it is',
      optional: true,
      ofSubject: true,
    },
    {
      name: 'styleMasks',
      description: 'where each style is painted, one mask for each, in their order: white; greys blend',
      optional: true,
      several: true,
      ofSubject: true,
    },
  ],
  options: applyOptionsSchema,
  networkKind: 'model',
  examples: [
    { model: 'wave', pictures: { picture: 'photo.jpg' }, output: 'out.png' },
    {
      model: 'styles.onnx',
      pictures: { picture: 'photo.jpg' },
      output: 'out.png',
      options: { style: ['wave:0.7', 'udnie:0.3'], strength: 0.8 },
    },
    {
      model: 'wave',
      pictures: { picture: 'photos/' },
      output: 'painted/',
      options: { preserveColors: 'luminance' },
    },
  ],
  notes: `A model is the file of \`pastiche train style\`, the name of one that comes with Pastiche, or the name of one of their styles. Any
size goes in and comes out; what the memory can't hold is computed in tiles, without seams.`,
  output: { kind: 'picture' },
  resolve: resolveApplySettings,
  network: () => undefined,
  plan({ settings, pictures }, model) {
    const size = resultSize(pictures.picture, settings);
    modelConditions(model!, settings);
    const tile = tileOf(settings, size);
    const cost =
      tile === undefined ? estimateCost(network(model!, extended(size))) : tileCost(model!, size, tile);
    const memoryBytes =
      picturesMemory({ ...pictures, copies: Array.from({ length: copies }, () => size as Image) }) +
      Math.max(
        activationsFactor * optimizationMemory(cost, noOptimizer, { width: 0, height: 0 }),
        resultMemory(size),
      );
    return { ...size, scales: [], memoryBytes, operations: cost.operations };
  },
  terms: () => [],
  resized: (settings, longSide) => ({ ...settings, size: longSide }),
  run: repaint,
  describe(settings, names) {
    const facts: [string, string][] = [
      ['Style', settings.style?.join(', ') ?? "the model's"],
      ['Strength', factNumber(settings.strength)],
    ];
    return { title: `${names['picture']!.join(', ')} repainted`, before: 'picture', facts };
  },
};

const resultSize = ({ width, height }: Size, { size }: ApplySettings): Size =>
  size === undefined ? { width, height } : fitLongSide(width, height, size);

/** The side of the tiles that a picture is computed in; undefined as a whole. */
function tileOf({ tile }: ApplySettings, { width, height }: Size): number | undefined {
  const side = tile ?? (width * height > mostPixels ? usualTile : undefined);
  return side !== undefined && side < Math.max(width, height) ? side : undefined;
}

const extended = ({ width, height }: Size): Size => ({
  width: Math.max(width, smallestSide),
  height: Math.max(height, smallestSide),
});

/** The whole network at one size. */
function network(model: StyleModel, { width, height }: Size): NamedTensors {
  const x = input(modelInput, [1, 3, height, width]);
  const conditions = conditionInputs(model.options, 1);
  return { [modelOutput]: conditionalNetwork(x, modelParameters(model), conditions, model.options) };
}

async function repaint(task: MethodTask<ApplySettings, ApplyPictures, StyleModel>): Promise<PictureOutcome> {
  const { settings, pictures, weights: model, signal } = task;
  const { width, height } = resultSize(pictures.picture, settings);
  const photograph = resizeImage(pictures.picture, width, height);
  const { mask, styleMasks } = pictures;
  const parts = mask && paintedParts(mask, width, height, settings.feather);
  throwIfAborted(signal);
  const paint = (conditions: InputValues): Promise<Image> => paintedBy(task, photograph, conditions);
  const painted =
    settings.strength === 0
      ? photograph
      : styleMasks === undefined
        ? await paint(modelConditions(model, settings))
        : await paintRegions(model, settings, regionsOf(model, settings, styleMasks, photograph), paint);
  throwIfAborted(signal);
  const colored =
    settings.preserveColors === 'luminance' ? withLuminance(photograph, luminanceOf(painted)) : painted;
  const image =
    parts === undefined && settings.strength === 1
      ? createImage(width, height, colored.rgb, photograph.alpha)
      : paintOver(photograph, colored, opacityOf(parts, settings.strength, width * height));
  return { image, stopped: 'finished' };
}

const opacityOf = (parts: Float32Array | undefined, strength: number, pixels: number): Float32Array =>
  (parts ?? new Float32Array(pixels).fill(1)).map((part) => part * strength);

/** What the network makes of a picture. */
async function paintedBy(
  { settings, weights: model, programs, signal }: MethodTask<ApplySettings, ApplyPictures, StyleModel>,
  photograph: Image,
  conditions: InputValues,
): Promise<Image> {
  const { width, height } = photograph;
  const tile = tileOf(settings, photograph);
  if (tile !== undefined) return repaintInTiles({ model, conditions, programs, signal, tile }, photograph);
  const size = extended(photograph);
  const isSmall = size.width > width || size.height > height;
  const { rgb } = isSmall ? extendMirrored(photograph, size) : photograph;
  const key = `apply ${model.options.form} ${size.width}x${size.height}`;
  const outputs = await programs.use(
    key,
    () => network(model, size),
    // A network of one style that can't be adjusted has no conditions.
    (program) => program.run(inputsOf(program, { [modelInput]: rgb, ...conditions })),
  );
  const painted = createImage(size.width, size.height, clampUnit(outputs[modelOutput]!));
  return isSmall ? cutOut(painted, { left: 0, top: 0, width, height }) : painted;
}
