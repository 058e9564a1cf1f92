import type { OnnxFile } from '../../graph/index.js';

/** How the numbers of a network for pictures stand for colours. */
export type PictureRange = (typeof pictureRanges)[number];

/**
 * The ranges from black to white. `imagenet` is 0..1 without the mean colour of ImageNet's pictures, in units of their
 * deviation, as torchvision's networks take it.
 */
export const pictureRanges = ['0..255', '0..1', '-1..1', 'imagenet'] as const;

/** Red, green and blue: what stands for black, and how far it is from there to white. */
interface RangeScale {
  readonly black: readonly number[];
  readonly length: readonly number[];
}

const equal = (black: number, length: number): RangeScale => ({
  black: Array<number>(3).fill(black),
  length: Array<number>(3).fill(length),
});
/** Mean and deviation of torchvision's `Normalize`, by channel. */
const imagenet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

const scales: Readonly<Record<PictureRange, RangeScale>> = {
  '0..255': equal(0, 255),
  '0..1': equal(0, 1),
  '-1..1': equal(-1, 2),
  imagenet: {
    black: imagenet.mean.map((mean, channel) => -mean / imagenet.deviation[channel]!),
    length: imagenet.deviation.map((deviation) => 1 / deviation),
  },
};

/** Planes of a picture in [0, 1] as a network takes them. */
export function toRange(rgb: Float32Array, range: PictureRange, channelsLast: boolean): Float32Array {
  const { black, length } = scales[range];
  const pixels = rgb.length / 3;
  const values = new Float32Array(rgb.length);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let i = 0; i < pixels; i += 1) {
      const place = channelsLast ? 3 * i + channel : channel * pixels + i;
      values[place] = black[channel]! + length[channel]! * rgb[channel * pixels + i]!;
    }
  }
  return values;
}

/** What a network gives as planes of a picture; colours that can't be shown lie outside [0, 1]. */
export function fromRange(values: Float32Array, range: PictureRange, channelsLast: boolean): Float32Array {
  const { black, length } = scales[range];
  const pixels = values.length / 3;
  const rgb = new Float32Array(values.length);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let i = 0; i < pixels; i += 1) {
      const place = channelsLast ? 3 * i + channel : channel * pixels + i;
      rgb[channel * pixels + i] = (values[place]! - black[channel]!) / length[channel]!;
    }
  }
  return rgb;
}

/** Operations that leave values as they are, or where they were. */
const passing = new Set(['Identity', 'Transpose', 'Cast', 'Pad', 'Squeeze', 'Unsqueeze']);
/** A factor at least this large, or its inverse, leads from one of the ranges to 0..255 or back. */
const byteFactor = 50;

/** The range that a graph itself brings its picture from, by the first thing that it computes; undefined where it tells nothing. */
export function rangeTaken({ nodes, weights }: OnnxFile, input: string): PictureRange | undefined {
  let value = input;
  for (let step = 0; step < nodes.length; step += 1) {
    const node = nodes.find(({ inputs }) => inputs.includes(value));
    if (node === undefined) return undefined;
    if (passing.has(node.type)) {
      value = node.outputs[0] ?? '';
      continue;
    }
    const other = node.inputs.find((name) => name !== value);
    const numbers = other === undefined ? undefined : weights[other]?.values;
    // More than one for each channel are a picture, or weights.
    if (numbers === undefined || numbers.length > 3) return undefined;
    const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
    switch (node.type) {
      case 'Div':
        return largest >= byteFactor ? '0..255' : largest < 1 ? '0..1' : undefined;
      case 'Mul':
        // Twice, less 1: from 0..1 to -1..1.
        return largest <= 1 / byteFactor
          ? '0..255'
          : largest === 2 || largest >= byteFactor
            ? '0..1'
            : undefined;
      case 'Sub':
        return largest >= byteFactor ? '0..255' : largest > 0 && largest <= 1 ? '0..1' : undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** The range of what a graph gives, where its last operation has one. */
export function rangeGiven({ nodes }: OnnxFile, output: string): PictureRange | undefined {
  let value = output;
  for (let step = 0; step < nodes.length; step += 1) {
    const node = nodes.find(({ outputs }) => outputs.includes(value));
    if (node?.type === 'Tanh') return '-1..1';
    if (node?.type === 'Sigmoid') return '0..1';
    if (node === undefined || !passing.has(node.type)) return undefined;
    value = node.inputs[0] ?? '';
  }
  return undefined;
}

/** Values beyond this are of 0..255, and colours beyond these can't be of the other ranges. */
const limits = { bytes: 8, unit: 1.35, negative: -0.25 } as const;
/** Of all values so many at each end don't count: single pixels may lie anywhere. */
const extremes = 0.01;

/** The range that values most probably have which a network gave for a picture with black and white. */
export function rangeOf(values: Float32Array): PictureRange {
  const sorted = values.slice().sort();
  const low = sorted[Math.floor(extremes * sorted.length)]!;
  const high = sorted[Math.ceil((1 - extremes) * sorted.length) - 1]!;
  if (Math.max(-low, high) > limits.bytes) return '0..255';
  if (low < -limits.unit || (low < limits.negative && high > limits.unit)) return 'imagenet';
  return low < limits.negative ? '-1..1' : '0..1';
}
