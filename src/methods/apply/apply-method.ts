import { estimateCost, input, type NamedTensors } from '../../graph/index.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut, extendMirrored } from '../../images/margin.js';
import { luminanceOf, withLuminance } from '../../images/luminance.js';
import { paintedParts, paintOver } from '../../images/output-mask.js';
import { clampUnit, fitLongSide, resizeImage } from '../../images/resize.js';
import { throwIfAborted } from '../../abort.js';
import { conditionalNetwork, conditionInputs } from '../../networks/conditional-network.js';
import { modelInput, modelOutput, modelParameters, type StyleModel } from '../../networks/style-model.js';
import { factNumber } from '../facts.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { noOptimizer, optimizationMemory, picturesMemory, resultMemory } from '../optimization/memory.js';
import { modelConditions } from './model-conditions.js';
import { applyOptionsSchema, resolveApplySettings, type ApplyOptions, type ApplySettings } from './options.js';
import { repaintInTiles, tileCost } from './tiled-network.js';

/** What a model repaints. */
export interface ApplyPictures {
  readonly picture: Image;
  /** White where it is painted, black where it stays. */
  readonly mask?: Image | undefined;
}

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
  ],
  films: true,
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
    { model: 'wave', pictures: { picture: 'film.mp4' }, output: 'out.mp4', options: { steady: true } },
    { model: 'wave', pictures: { picture: 'photos/' }, output: 'painted/', options: { preserveColors: 'luminance' } },
  ],
  notes: `A model is the file of \`pastiche train style\`, the name of one that comes with Pastiche, or the name of one of their styles. Any
size goes in and comes out; what the memory can't hold is computed in tiles, without seams. Films (.mp4, .m4v, .mov, .mkv, .webm, .gif; .avi to read) are done frame by frame with the ffmpeg of your machine, or the one
that PASTICHE_FFMPEG names; times, rotation and sound are kept. Ctrl-C keeps the frames that are done as a film that plays.`,
  output: { kind: 'picture' },
  resolve: resolveApplySettings,
  network: () => undefined,
  plan({ settings, pictures }, model) {
    const size = resultSize(pictures.picture, settings);
    modelConditions(model!, settings);
    const cost = settings.tile === undefined ? estimateCost(network(model!, extended(size))) : tileCost(model!, size, settings.tile);
    const memoryBytes =
      picturesMemory({ ...pictures }) +
      Math.max(optimizationMemory(cost, noOptimizer, size), resultMemory(size));
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
  const { settings, pictures, signal } = task;
  const { width, height } = resultSize(pictures.picture, settings);
  const photograph = resizeImage(pictures.picture, width, height);
  const parts =
    pictures.mask && paintedParts(pictures.mask, width, height, settings.feather);
  throwIfAborted(signal);
  const painted = settings.strength === 0 ? photograph : await paintedBy(task, photograph);
  throwIfAborted(signal);
  const colored =
    settings.preserveColors === 'luminance' ? withLuminance(photograph, luminanceOf(painted)) : painted;
  const opacity = (parts ?? new Float32Array(width * height).fill(1)).map((part) => part * settings.strength);
  const whole = parts === undefined && settings.strength === 1;
  const image = whole
    ? createImage(width, height, colored.rgb, photograph.alpha)
    : paintOver(photograph, colored, opacity);
  return { image, stopped: 'finished' };
}

/** What the network makes of a picture. */
async function paintedBy(
  { settings, weights: model, programs, signal }: MethodTask<ApplySettings, ApplyPictures, StyleModel>,
  photograph: Image,
): Promise<Image> {
  const { width, height } = photograph;
  const conditions = modelConditions(model, settings);
  if (settings.tile !== undefined && settings.tile < Math.max(width, height)) {
    return repaintInTiles({ model, conditions, programs, signal, tile: settings.tile }, photograph);
  }
  const size = extended(photograph);
  const { rgb } = extendMirrored(photograph, size);
  const key = `apply ${model.options.form} ${size.width}x${size.height}`;
  const outputs = await programs.use(
    key,
    () => network(model, size),
    (program) => program.run({ [modelInput]: rgb, ...conditions }),
  );
  const painted = createImage(size.width, size.height, clampUnit(outputs[modelOutput]!));
  return cutOut(painted, { left: 0, top: 0, width, height });
}
