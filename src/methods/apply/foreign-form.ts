import { StyleError } from '../../errors.js';
import { fixPictureSize, type OnnxModel, type PictureAxes, type PictureSides } from '../../graph/index.js';
import { fixedSize, pictureAxes, type ForeignModel } from '../../networks/foreign-model.js';
import type { Program, Runtime } from '../../runtime/runtime.js';
import { toRange } from './picture-range.js';
import {
  chart,
  correlation,
  findRanges,
  type ModelRanges,
  type ToldRanges,
  type TriedModel,
} from './range-search.js';

/** How a model of somebody else's is used, where its file doesn't say: found by trying it out. */
export interface ForeignForm extends ModelRanges {
  readonly axes: ModelAxes;
  /** The sides of pictures must be multiples of this; undefined where the model works at its own size only. */
  readonly alignment: number | undefined;
}

interface ModelAxes {
  readonly input: PictureAxes;
  readonly output: PictureAxes;
}

/** What was told of a model. */
export interface ToldForm extends ToldRanges {
  readonly channelsLast?: boolean | undefined;
}

/**
 * Multiples that sides may have to be of, and sides to try that with: most networks halve them twice, some five times. None of the
 * first sides is a multiple of 8.
 */
const trials = [
  { alignment: 4, size: { height: 132, width: 196 } },
  { alignment: 32, size: { height: 160, width: 192 } },
] as const;

/** A pattern repeats after so many pixels, and is the same picture at any size then. */
const period = 32;
/** A model in which shapes were changed paints the same pattern as before, if they were understood: as similar as this at least. */
const leastSimilarity = 0.8;

const known = new WeakMap<ForeignModel, Map<string, Promise<ForeignForm>>>();

/**
 * How a model is used; tried out once with small pictures.
 * @throws StyleError `E_WEIGHTS_FORMAT` where ONNX Runtime can't run it; `E_WEIGHTS_CONTENT` where no picture comes out
 */
export function foreignForm(runtime: Runtime, model: ForeignModel, told: ToldForm): Promise<ForeignForm> {
  const forms = known.get(model) ?? new Map<string, Promise<ForeignForm>>();
  known.set(model, forms);
  const key = JSON.stringify([told.taken, told.given, told.channelsLast]);
  const form = forms.get(key) ?? tryOut(runtime, model, told);
  forms.set(key, form);
  // What failed on one device need not fail on another.
  form.catch(() => forms.delete(key));
  return form;
}

/** A model that is opened at a size. */
interface OpenModel extends TriedModel {
  readonly program: Program;
  /** Whether shapes in its file were scaled. */
  readonly isScaled: boolean;
}

async function tryOut(runtime: Runtime, model: ForeignModel, told: ToldForm): Promise<ForeignForm> {
  const axes = pictureAxes(model, told.channelsLast);
  const opened: OpenModel[] = [];
  const open = async (size: PictureSides): Promise<OpenModel | undefined> => {
    const one = await openAt(runtime, model, axes, size);
    if (one !== undefined) opened.push(one);
    return one !== undefined && (await givesPicture(one)) ? one : undefined;
  };
  const size = fixedSize(model);
  try {
    for (const { alignment, size: trial } of trials) {
      const free = await open(trial);
      if (free === undefined) continue;
      const ranges = await findRanges(free, told);
      const before = free.isScaled ? await open(size!) : undefined;
      if (before === undefined ? !free.isScaled : await paintAlike(before, free, ranges))
        return { ...ranges, axes, alignment };
    }
    const own = size && (await open(size));
    if (own === undefined) throw noPictureOut(model, size ?? trials[0].size);
    return { ...(await findRanges(own, told)), axes, alignment: undefined };
  } finally {
    for (const { program } of opened) await program.dispose();
  }
}

function noPictureOut({ name }: ForeignModel, { width, height }: PictureSides): StyleError {
  return new StyleError(
    'E_WEIGHTS_CONTENT',
    `"${name}" gives no picture of ${width}x${height} for one of ${width}x${height}.`,
    'Give a model whose result has the size of its picture; if its axes are in another order than it says, set the option layout.',
    { option: 'layout' },
  );
}

/** @returns undefined where it can't have that size */
async function openAt(
  runtime: Runtime,
  model: ForeignModel,
  axes: ModelAxes,
  size: PictureSides,
): Promise<OpenModel | undefined> {
  const sized = sizedModel(model, axes, size);
  const program = sized && (await openOrRefuse(runtime, model, sized.model, size));
  if (program === undefined) return undefined;
  const { input, output } = axes;
  return {
    ...{ program, size, isScaled: sized!.isScaled, file: model.file },
    ...{ input: input.name, output: output.name, givesChannelsLast: output.channelsLast },
    async paint(rgb, taken) {
      const outputs = await program.run({ [input.name]: toRange(rgb, taken, input.channelsLast) });
      return outputs[output.name]!;
    },
  };
}

/** The model at a size, see `fixPictureSize`. */
export const sizedModel = (
  model: ForeignModel,
  axes: ModelAxes,
  size: PictureSides,
): ReturnType<typeof fixPictureSize> => fixPictureSize(model.bytes, model.file, axes, fixedSize(model), size);

/** @returns undefined where ONNX Runtime refuses a size that is not the model's own */
async function openOrRefuse(
  runtime: Runtime,
  model: ForeignModel,
  sized: OnnxModel,
  size: PictureSides,
): Promise<Program | undefined> {
  try {
    return await runtime.open(sized);
  } catch (error) {
    if (!(error instanceof StyleError) || error.code !== 'E_WEIGHTS_FORMAT') throw error;
    const own = fixedSize(model);
    if (own !== undefined && (own.width !== size.width || own.height !== size.height)) return undefined;
    const { code, message, remedy, cause } = error;
    throw new StyleError(code, `"${model.name}" can't be run. ${message}`, remedy, { cause });
  }
}

/** Whether as many numbers come out as go in. */
async function givesPicture(model: OpenModel): Promise<boolean> {
  const rgb = chart(model.size);
  try {
    return (await model.paint(rgb, '0..255')).length === rgb.length;
  } catch (error) {
    // Shapes that don't fit at this size.
    if (error instanceof StyleError && error.code === 'E_RUNTIME') return false;
    throw error;
  }
}

/** Whether two sizes of a model paint a pattern alike, in the middle, where both see the same of it. */
async function paintAlike(one: OpenModel, other: OpenModel, ranges: ModelRanges): Promise<boolean> {
  const middles = await Promise.all(
    [one, other].map(async (model) => {
      const painted = await model.paint(pattern(model.size), ranges.taken);
      return middlePeriod(painted, model);
    }),
  );
  return correlation(middles[0]!, middles[1]!) >= leastSimilarity;
}

/** Planes in [0, 1] of waves, different ones for each colour and direction. */
function pattern({ height, width }: PictureSides): Float32Array {
  const wave = (position: number, times: number): number =>
    Math.sin((2 * Math.PI * times * position) / period);
  return Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const [x, y, channel] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return 0.5 + 0.2 * wave(x + 5 * channel, 1 + channel) + 0.2 * wave(y, 2) + 0.1 * wave(x + y, 3);
  });
}

/** The values of one whole period of a painted pattern, from the middle of the picture. */
function middlePeriod(
  values: Float32Array,
  { size: { height, width }, givesChannelsLast }: OpenModel,
): number[] {
  const [top, left] = [height, width].map((side) => period * Math.floor((side - period) / (2 * period)));
  return Array.from({ length: 3 * period * period }, (_, i) => {
    const channel = Math.floor(i / period ** 2);
    const y = top! + (Math.floor(i / period) % period);
    const x = left! + (i % period);
    return values[givesChannelsLast ? 3 * (y * width + x) + channel : (channel * height + y) * width + x]!;
  });
}
