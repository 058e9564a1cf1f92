import { createImage, type Image, type Size } from '../../images/image.js';
import { luminanceOf, withLuminance } from '../../images/luminance.js';
import { paintedParts, paintOver } from '../../images/output-mask.js';
import { PlanesSink, type PictureSink } from '../../images/picture-sink.js';
import {
  bandsOf,
  cutPlane,
  isTransparent,
  partOf,
  resizeRaster,
  wholeOf,
  type Raster,
} from '../../images/raster.js';
import { fitLongSide } from '../../images/resize.js';
import { throwIfAborted } from '../../abort.js';
import type { PictureModel } from '../../networks/picture-model.js';
import { methodDescriptions } from '../descriptions.js';
import type { PictureSizes } from '../division.js';
import { factNumber } from '../facts.js';
import type { Method, MethodTask, PictureOutcome } from '../method.js';
import { ColorAndMaskComposer } from '../stylize/color-preservation.js';
import { repaintingMemory } from './memory.js';
import {
  applyOptionsSchema,
  resolveApplySettings,
  type ApplyOptions,
  type ApplySettings,
} from './options.js';
import { painterOf, type DividedPainting, type PaintReceiver } from './painter.js';
import { paintRegions } from './paint-regions.js';
import { regionsOf } from './style-regions.js';

/** What a model repaints. */
export interface ApplyPictures {
  readonly picture: Raster;
  /** White where it is painted, black where it stays. */
  readonly mask?: Image | undefined;
  /** One for each style of the options, in their order: white where that style is painted. */
  readonly styleMasks?: readonly Image[] | undefined;
}

/** One pass of a trained network. */
export const apply: Method<ApplyOptions, ApplySettings, ApplyPictures, PictureOutcome, PictureModel> = {
  name: 'apply',
  description: methodDescriptions.apply,
  roles: [
    { name: 'picture', description: 'the picture to repaint', argument: true, inParts: true },
    {
      name: 'mask',
      description: 'where it is painted: white; black stays as it is',
      optional: true,
      ofSubject: true,
      drawnOver: { role: 'picture', colors: 'area' },
    },
    {
      name: 'styleMasks',
      description: 'where each style is painted, one mask for each, in their order: white; greys blend',
      optional: true,
      several: true,
      ofSubject: true,
      drawnOver: { role: 'picture', colors: 'area' },
    },
  ],
  films: true,
  options: applyOptionsSchema,
  networkKind: () => 'model',
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
with the ffmpeg of your machine, or the one that PASTICHE_FFMPEG names; times, rotation and sound are kept. A run that is ended keeps
the frames that are done as a film that plays.`,
  output: { kind: 'picture' },
  resolve: resolveApplySettings,
  network: () => undefined,
  plan(subject, model) {
    const { settings, pictures } = subject;
    const size = resultSize(pictures.picture, settings);
    const cost = painterOf(model!, settings).cost(size);
    const memoryBytes = repaintingMemory({ ...subject, size }, cost);
    return { ...size, scales: [], memoryBytes, operations: cost.operations };
  },
  terms: () => [],
  resized: (settings, longSide) => ({ ...settings, size: longSide }),
  async run(task) {
    const photograph = resultPhotograph(task);
    const sink = new PlanesSink(photograph, isTransparent(photograph));
    await repaintInto(task, photograph, sink);
    return { image: sink.image(), stopped: 'finished' };
  },
  async runInto(task, openSink) {
    const photograph = resultPhotograph(task);
    await repaintInto(task, photograph, openSink(photograph, isTransparent(photograph)));
    return { stopped: 'finished' };
  },
  division: {
    of: (settings, sizes, model) =>
      dividedPainting(model, settings, sizes, resultSize(sizes['picture'] as Size, settings)),
    async measure(task, part) {
      const photograph = resultPhotograph(task);
      return dividedOf(task, photograph).measure(photograph, task, part);
    },
    async paint(task, part, openSink) {
      const photograph = resultPhotograph(task);
      const sink = openSink(photograph, isTransparent(photograph));
      await repaintInto(task, photograph, sink, (receive) =>
        dividedOf(task, photograph).paint(photograph, task, part, receive),
      );
      return { stopped: 'finished' };
    },
  },
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

/** The photograph at the result's size. */
function resultPhotograph({
  pictures: { picture },
  settings,
}: MethodTask<ApplySettings, ApplyPictures, PictureModel>): Raster {
  const { width, height } = resultSize(picture, settings);
  return resizeRaster(picture, width, height);
}

/** How several paint a picture; undefined where all of the paint has to be there before it is used, and where there is none. */
function dividedPainting(
  model: PictureModel,
  settings: ApplySettings,
  { styleMasks }: PictureSizes,
  size: Size,
): DividedPainting | undefined {
  const { strength, preserveColors } = settings;
  if (styleMasks !== undefined || strength === 0 || preserveColors === 'chroma') return undefined;
  return painterOf(model, settings).divided?.(size);
}

const dividedOf = (
  { weights, settings, pictures }: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
  size: Size,
): DividedPainting => dividedPainting(weights, settings, { ...pictures }, size)!;

/**
 * Paints, and puts together what is wanted of the paint with what stays of the photograph, part by part.
 * @param paint all of the paint unless given
 */
async function repaintInto(
  task: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
  photograph: Raster,
  sink: PictureSink,
  paint = (receive: PaintReceiver): Promise<void> => paintWhole(task, photograph, receive),
): Promise<void> {
  const { settings, pictures, signal } = task;
  const { strength, preserveColors, feather } = settings;
  const { width, height } = photograph;
  if (strength === 0) {
    for (const band of bandsOf(photograph)) sink.put(partOf(photograph, band), band.left, band.top);
    return;
  }
  if (preserveColors === 'chroma') return repaintInItsColors(task, photograph, sink);
  const parts = pictures.mask && paintedParts(pictures.mask, width, height, feather);
  throwIfAborted(signal);
  const isBare = parts === undefined && strength === 1 && preserveColors === 'none';
  await paint((painted, left, top) => {
    throwIfAborted(signal);
    const part = { left, top, width: painted.width, height: painted.height };
    if (isBare && !isTransparent(photograph)) return sink.put(painted, left, top);
    const before = partOf(photograph, part);
    const opacity = opacityOf(parts && cutPlane(parts, photograph, part), strength, part);
    sink.put(composed(before, painted, opacity, preserveColors), left, top);
  });
}

/** The same with the photograph's colours in the range of the paint's, which is known when all of it is there. */
async function repaintInItsColors(
  task: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
  photograph: Raster,
  sink: PictureSink,
): Promise<void> {
  const { settings, pictures } = task;
  const paint = await paintRegions([{}], photograph, (_, receive) => paintWhole(task, photograph, receive));
  throwIfAborted(task.signal);
  const content = wholeOf(photograph);
  const sources = { content, styles: [paint], mask: pictures.mask };
  const composer = new ColorAndMaskComposer(sources, settings, photograph);
  const result = composer.compose(paint);
  const opacity = opacityOf(undefined, settings.strength, photograph);
  sink.put(opacity === undefined ? result : paintOver(content, result, opacity), 0, 0);
}

/** @param opacity of the paint at each pixel; undefined for all of it */
function composed(
  photograph: Image,
  paint: Image,
  opacity: Float32Array | undefined,
  preserveColors: ApplySettings['preserveColors'],
): Image {
  const colored = preserveColors === 'luminance' ? withLuminance(photograph, luminanceOf(paint)) : paint;
  return opacity === undefined
    ? createImage(paint.width, paint.height, colored.rgb, photograph.alpha)
    : paintOver(photograph, colored, opacity);
}

/** All of the paint, in one style or in several regions. */
async function paintWhole(
  task: MethodTask<ApplySettings, ApplyPictures, PictureModel>,
  photograph: Raster,
  receive: PaintReceiver,
): Promise<void> {
  const { settings, weights: model } = task;
  const { styleMasks } = task.pictures;
  if (styleMasks === undefined) return painterOf(model, settings).paint(photograph, task, receive);
  const regions = regionsOf(model, settings, styleMasks, photograph);
  const painted = await paintRegions(regions, photograph, ({ name }, receivePart) =>
    painterOf(model, { ...settings, style: [name] }).paint(photograph, task, receivePart),
  );
  receive(painted, 0, 0);
}

/** undefined where all of the paint is wanted everywhere */
function opacityOf(
  parts: Float32Array | undefined,
  strength: number,
  { width, height }: Size,
): Float32Array | undefined {
  if (parts === undefined && strength === 1) return undefined;
  return (parts ?? new Float32Array(width * height).fill(1)).map((part) => part * strength);
}
