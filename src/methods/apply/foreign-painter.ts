import { StyleError } from '../../errors.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { cutOut, extendMirrored } from '../../images/margin.js';
import { wholeOf } from '../../images/raster.js';
import { clampUnit } from '../../images/resize.js';
import { fixedSize, type ForeignModel } from '../../networks/foreign-model.js';
import type { Program } from '../../runtime/runtime.js';
import { foreignForm, sizedModel, type ForeignForm, type ToldForm } from './foreign-form.js';
import { pictureBytes } from '../optimization/memory.js';
import type { ApplySettings } from './options.js';
import type { Painter } from './painter.js';
import { fromRange, toRange, type PictureRange } from './picture-range.js';
import { refuseOptions } from './refused-options.js';
import { paintInWindows } from './windows.js';

/** Smaller pictures are continued by their mirror image, so that a network sees something beyond its borders. */
const smallestSide = 64;
/**
 * Maps of the size of the picture, with the channels of the first convolution, that are in memory together at most. Fitted to peaks of
 * networks whose normalisation is written in single operations: rather too much than too little.
 */
const mapsTogether = 6;

/**
 * Paints with somebody else's model: as a whole where it works at any size, or else in overlapping windows.
 * @throws StyleError `E_ARGUMENT` for options that only our models have, and for a layout other than the file's
 */
export function foreignPainter(model: ForeignModel, settings: ApplySettings): Painter {
  refuseOptions(
    settings,
    ['style', 'layerWeights', 'seed'],
    (option) =>
      `The option ${option} is given, and "${model.name}" was not made by Pastiche and knows nothing of it.`,
    'Leave it out: it is for models that the training of styles made.',
  );
  const told = toldForm(model, settings);
  const { tile } = settings;
  return {
    cost({ width, height }) {
      const constantBytes = 4 * sum(Object.values(model.file.weights).map(({ values }) => values.length));
      const pixels = Math.min(width, tile ?? width) * Math.min(height, tile ?? height);
      const peakBytes = 4 * mapsTogether * firstChannels(model) * pixels;
      // The whole goes in and comes out, and is put together between.
      const floatBytes = 3 * pictureBytes({ width, height });
      return { operations: 0, constantBytes, peakBytes, partPixels: width * height, floatBytes };
    },
    async paint(photograph, { runtime, programs, signal, onProgress }, receive) {
      const form = await foreignForm(runtime, model, told);
      const window = windowSize(model, form, tile);
      const size = paddedSize(photograph, form, window);
      const whole = extendMirrored(wholeOf(photograph), size);
      const part = window === undefined ? size : smaller(window, size);
      if (tile === undefined && (part.width < size.width || part.height < size.height)) {
        const message = `"${model.name}" paints only ${part.width}x${part.height} pixels at once: the picture is put together from overlapping windows, which may differ a little.`;
        void onProgress?.({ type: 'warning', message });
      }
      // Where the colours are may be told, and another call may tell it otherwise.
      const { input, output } = form.axes;
      const key = `apply ${model.name} ${part.width}x${part.height} ${input.channelsLast} ${output.channelsLast}`;
      const painted = await programs.use(
        key,
        () => sizedModel(model, form.axes, part)!.model,
        (program) =>
          paintInWindows(whole, part, (one) => paintPart(program, form, one), {
            signal,
            onPart: (done) => void onProgress?.({ type: 'part', done }),
          }),
      );
      const { width, height } = photograph;
      receive(cutOut(painted, { left: 0, top: 0, width, height }), 0, 0);
    },
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const smaller = (one: Size, other: Size): Size => ({
  width: Math.min(one.width, other.width),
  height: Math.min(one.height, other.height),
});

function toldForm({ name, input }: ForeignModel, { range, layout }: ApplySettings): ToldForm {
  const [taken, given = taken] = (range?.split(':') ?? []) as PictureRange[];
  if (layout === undefined) return { taken, given };
  const channelsLast = layout === 'nhwc';
  if (input.channelsLast === undefined || input.channelsLast === channelsLast)
    return { taken, given, channelsLast };
  throw new StyleError(
    'E_ARGUMENT',
    `The option layout is ${layout}, and "${name}" says that its colours come ${channelsLast ? 'first' : 'last'}.`,
    'Leave it out: it is for models whose file leaves that open.',
    { option: 'layout' },
  );
}

/** What is painted at once; undefined for the whole picture. @throws StyleError `E_ARGUMENT` for tiles where they can't be chosen */
function windowSize(
  model: ForeignModel,
  { alignment }: ForeignForm,
  tile: number | undefined,
): Size | undefined {
  if (alignment !== undefined) {
    const side = tile === undefined ? undefined : Math.max(smallestSide, tile - (tile % alignment));
    return side === undefined ? undefined : { width: side, height: side };
  }
  const size = fixedSize(model)!;
  if (tile === undefined) return size;
  throw new StyleError(
    'E_ARGUMENT',
    `The option tile is ${tile}, and "${model.name}" paints only ${size.width}x${size.height} pixels at once.`,
    'Leave it out.',
    { option: 'tile' },
  );
}

/** The size that a picture is continued to. */
function paddedSize({ width, height }: Size, { alignment }: ForeignForm, window: Size | undefined): Size {
  const padded = (side: number, least: number): number =>
    alignment === undefined
      ? Math.max(side, least)
      : alignment * Math.ceil(Math.max(side, smallestSide) / alignment);
  return { width: padded(width, window?.width ?? 0), height: padded(height, window?.height ?? 0) };
}

async function paintPart(
  program: Program,
  { axes: { input, output }, taken, given }: ForeignForm,
  { rgb, width, height }: Image,
): Promise<Image> {
  const outputs = await program.run({ [input.name]: toRange(rgb, taken, input.channelsLast) });
  const painted = fromRange(outputs[output.name]!, given, output.channelsLast);
  if (painted.length !== rgb.length || !painted.every(Number.isFinite)) {
    throw new StyleError(
      'E_NUMERIC',
      `The model gives no colours for a picture of ${width}x${height}: ${painted.find((value) => !Number.isFinite(value)) ?? `${painted.length} numbers`}.`,
      'Tell the range of its numbers by the option range, or use another size.',
      { option: 'range' },
    );
  }
  return createImage(width, height, clampUnit(painted));
}

/** Channels of the first convolution. */
function firstChannels({ file }: ForeignModel): number {
  const convolution = file.nodes.find(({ type }) => type === 'Conv');
  return file.weights[convolution?.inputs[1] ?? '']?.shape[0] ?? 3;
}
