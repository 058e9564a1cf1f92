import { createImage, type Image, type Size } from '../../images/image.js';
import { luminanceOf, withLuminance } from '../../images/luminance.js';
import { paintedParts, paintOver } from '../../images/output-mask.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { throwIfAborted } from '../../abort.js';
import type { PictureModel } from '../../networks/picture-model.js';
import { factNumber } from '../facts.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { noOptimizer, optimizationMemory, picturesMemory, resultMemory } from '../optimization/memory.js';
import {
  applyOptionsSchema,
  resolveApplySettings,
  type ApplyOptions,
  type ApplySettings,
} from './options.js';
import { painterOf } from './painter.js';
import { paintRegions, regionsOf } from './style-regions.js';

/** What a model repaints. */
export interface ApplyPictures {
  readonly picture: Image;
  /** White where it is painted, black where it stays. */
  readonly mask?: Image | undefined;
  /** One for each style of the options, in their order: white where that style is painted. */
  readonly styleMasks?: readonly Image[] | undefined;
}

/** One pass of a trained network. */
export const apply: Method<ApplyOptions, ApplySettings, ApplyPictures, PictureOutcome, PictureModel> = {
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
    {
      model: 'wave',
      pictures: { picture: 'photos/' },
      output: 'painted/',
      options: { preserveColors: 'luminance' },
    },
  ],
  notes: `A model is the file of the training of styles, the name of one that comes with Pastiche, or the name of one of their styles. Any
size goes in and comes out; what the memory can't hold is computed in tiles, without seams. An ONNX file of somebody else that
makes pictures from pictures will do as well. Films (.mp4, .m4v, .mov, .mkv, .webm, .gif; .avi to read) are done frame by frame
with the ffmpeg of your machine, or the one that PASTICHE_FFMPEG names; times, rotation and sound are kept. a run that is ended keeps
the frames that are done as a film that plays.`,
  output: { kind: 'picture' },
  resolve: resolveApplySettings,
  network: () => undefined,
  plan({ settings, pictures }, model) {
    const size = resultSize(pictures.picture, settings);
    const cost = painterOf(model!, settings).cost(size);
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

async function repaint(
  task: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
): Promise<PictureOutcome> {
  const { settings, pictures, signal } = task;
  const { width, height } = resultSize(pictures.picture, settings);
  const photograph = resizeImage(pictures.picture, width, height);
  const { mask } = pictures;
  const parts = mask && paintedParts(mask, width, height, settings.feather);
  throwIfAborted(signal);
  const painted = settings.strength === 0 ? photograph : await paintedWhole(task, photograph);
  throwIfAborted(signal);
  const colored =
    settings.preserveColors === 'luminance' ? withLuminance(photograph, luminanceOf(painted)) : painted;
  const image =
    parts === undefined && settings.strength === 1
      ? createImage(width, height, colored.rgb, photograph.alpha)
      : paintOver(photograph, colored, opacityOf(parts, settings.strength, width * height));
  return { image, stopped: 'finished' };
}

/** All of the paint, in one style or in several regions. */
function paintedWhole(
  task: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
  photograph: Image,
): Promise<Image> {
  const { settings, weights: model } = task;
  const { styleMasks } = task.pictures;
  if (styleMasks === undefined) return painterOf(model, settings).paint(photograph, task);
  const regions = regionsOf(model, settings, styleMasks, photograph);
  return paintRegions(regions, (name) =>
    painterOf(model, { ...settings, style: [name] }).paint(photograph, task),
  );
}

const opacityOf = (parts: Float32Array | undefined, strength: number, pixels: number): Float32Array =>
  (parts ?? new Float32Array(pixels).fill(1)).map((part) => part * strength);
