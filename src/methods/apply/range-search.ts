import type { OnnxFile, PictureSides } from '../../graph/index.js';
import {
  fromRange,
  pictureRanges,
  rangeGiven,
  rangeOf,
  rangeTaken,
  type PictureRange,
} from './picture-range.js';

/** The numbers that a model takes for colours, and those that it gives. */
export interface ModelRanges {
  readonly taken: PictureRange;
  readonly given: PictureRange;
}

/** What was told of them. */
export type ToldRanges = { readonly [Name in keyof ModelRanges]?: ModelRanges[Name] | undefined };

/** A model at a size: what it gives for planes of a picture, given in a range. */
export interface TriedModel {
  readonly size: PictureSides;
  readonly file: OnnxFile;
  /** Names of what goes in and comes out. */
  readonly input: string;
  readonly output: string;
  readonly givesChannelsLast: boolean;
  paint(rgb: Float32Array, taken: PictureRange): Promise<Float32Array>;
}

/** The same range on both sides is taken if it does at least this well against the best pair. */
const tolerance = 0.8;
/** A painted chart with less contrast than this against the chart is suspicious: the model saw next to nothing. */
const leastContrast = 0.25;
/** Colours may lie so far outside of black and white: many networks don't limit them. */
const overshoot = 0.15;
/** Sides of the blocks that are compared by their brightness. */
const block = 4;

/**
 * Finds out which numbers stand for colours: as the graph says, or else by painting a chart. With the right range what comes out is
 * a picture in which the chart is recognised by its light and dark. Networks that normalise what they see can't tell ranges
 * apart: then what comes out tells what goes in.
 */
export async function findRanges(model: TriedModel, told: ToldRanges): Promise<ModelRanges> {
  const known = told.taken ?? rangeTaken(model.file, model.input);
  const painted = chart(model.size);
  const tried: (ModelRanges & { readonly score: number })[] = [];
  for (const taken of known === undefined ? pictureRanges : [known]) {
    const values = await model.paint(painted, taken);
    const given = told.given ?? rangeGiven(model.file, model.output) ?? rangeOf(values);
    const rgb = fromRange(values, given, model.givesChannelsLast);
    tried.push({ taken, given, score: likeness(painted, rgb, model.size) });
  }
  const best = tried.reduce((one, other) => (other.score > one.score ? other : one));
  const equal = tried.find(({ taken, given, score }) => taken === given && score >= tolerance * best.score);
  const { taken, given } = equal ?? best;
  return { taken, given };
}

/** Ramps of red, green and blue in different directions, with black and white: planes in [0, 1]. */
export function chart({ height, width }: PictureSides): Float32Array {
  const pixels = height * width;
  const rgb = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i += 1) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    const corner = x < 1 / 3 && y < 1 / 3 ? 0 : x > 2 / 3 && y > 2 / 3 ? 1 : undefined;
    [x, y, 1 - (x + y) / 2].forEach((value, channel) => (rgb[channel * pixels + i] = corner ?? value));
  }
  return rgb;
}

/** How much a painted picture looks like one of the chart, from 0 to 1. */
function likeness(painted: Float32Array, rgb: Float32Array, size: PictureSides): number {
  if (rgb.length !== painted.length || !rgb.every(Number.isFinite)) return 0;
  const outside = rgb.filter((value) => value < -overshoot || value > 1 + overshoot).length / rgb.length;
  const [before, after] = [brightness(painted, size), brightness(rgb, size)];
  const contrast = deviation(after) / deviation(before);
  return Math.abs(correlation(before, after)) * Math.min(1, contrast / leastContrast) * (1 - outside);
}

/** Mean brightness of blocks, row by row. */
function brightness(rgb: Float32Array, { height, width }: PictureSides): number[] {
  const columns = Math.floor(width / block);
  return Array.from({ length: Math.floor(height / block) * columns }, (_, index) => {
    const [top, left] = [block * Math.floor(index / columns), block * (index % columns)];
    let sum = 0;
    for (let channel = 0; channel < 3; channel += 1)
      for (let y = top; y < top + block; y += 1)
        for (let x = left; x < left + block; x += 1) sum += rgb[(channel * height + y) * width + x]!;
    return sum;
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

/** Pearson's coefficient; 0 where one of both is constant. */
export function correlation(one: readonly number[], other: readonly number[]): number {
  const [first, second] = [mean(one), mean(other)];
  let [product, squares, others] = [0, 0, 0];
  for (let i = 0; i < one.length; i += 1) {
    const [a, b] = [one[i]! - first, other[i]! - second];
    product += a * b;
    squares += a * a;
    others += b * b;
  }
  return squares === 0 || others === 0 ? 0 : product / Math.sqrt(squares * others);
}
