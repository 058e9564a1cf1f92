import { float32ToHalf } from '../../src/formats/half-float.js';
import type { TfliteOperator, TfliteQuantization, TfliteTensor } from '../../src/formats/tflite.js';
import { createRandom } from '../../src/random.js';
import type { WritableModel } from '../formats/tflite-writer.js';

/*
 * Networks of the form of Magenta's two, with their operators, a few channels and random weights. LiteRT has computed what they give
 * (test/golden/tflite).
 */

export interface ToySize {
  readonly height: number;
  readonly width: number;
}

/** How many numbers the toy's codes have. */
export const toyCodeLength = 6;

type Shape = readonly number[];
const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Tensors and operators, collected one after the other. */
class ModelWriter {
  readonly tensors: TfliteTensor[] = [];
  readonly operators: TfliteOperator[] = [];
  private readonly random = createRandom(11);

  tensor(shape: Shape, more: Partial<TfliteTensor> = {}): number {
    return this.tensors.push({ name: `t${this.tensors.length}`, type: 'FLOAT32', shape, ...more }) - 1;
  }

  integers(values: readonly number[], shape: Shape = [values.length]): number {
    return this.tensor(shape, { type: 'INT32', data: bytesOf(Int32Array.from(values)) });
  }

  floats(shape: Shape, values: readonly number[]): number {
    return this.tensor(shape, { data: bytesOf(Float32Array.from(values)) });
  }

  normal(shape: Shape, deviation: number): number[] {
    return Array.from({ length: sizeOf(shape) }, () => deviation * this.random.normal());
  }

  operator(type: string, inputs: readonly number[], shape: Shape, options = {}, more = {}): number {
    const output = this.tensor(shape, more);
    this.operators.push({ type, inputs, outputs: [output], options });
    return output;
  }

  shape(index: number): readonly [number, number, number, number] {
    return this.tensors[index]!.shape as readonly [number, number, number, number];
  }

  model(inputs: readonly number[], output: number): WritableModel {
    return { tensors: this.tensors, operators: this.operators, inputs, outputs: [output] };
  }
}

/** A kernel's deviation that keeps the size of values. */
const deviationOf = (taps: number): number => Math.sqrt(2 / taps);

/** The transformer: a picture of this size and a code to a picture of whole multiples of 4, weights in float16. */
export function toyTransformer({ height, width }: ToySize): WritableModel {
  const writer = new ModelWriter();
  const picture = writer.tensor([1, height, width, 3], { name: 'content' });
  const code = writer.tensor([1, 1, 1, toyCodeLength], { name: 'code' });
  const half = (shape: Shape, deviation: number): number => {
    const data = bytesOf(float32ToHalf(writer.normal(shape, deviation)));
    return writer.operator('DEQUANTIZE', [writer.tensor(shape, { type: 'FLOAT16', data })], shape);
  };
  const convolution = (
    x: number,
    channels: number,
    kernel: number,
    stride: number,
    activation = 0,
  ): number => {
    const [, rows, columns, from] = writer.shape(x);
    const border = (kernel - 1) / 2;
    const padded = [1, rows + 2 * border, columns + 2 * border, from];
    const widths = writer.integers([0, 0, border, border, border, border, 0, 0], [4, 2]);
    const around = border === 0 ? x : writer.operator('MIRROR_PAD', [x, widths], padded);
    const weights = half([channels, kernel, kernel, from], deviationOf(kernel * kernel * from));
    const shape = [1, Math.ceil(rows / stride), Math.ceil(columns / stride), channels];
    const options = { padding: 1, strideX: stride, strideY: stride, activation };
    return writer.operator('CONV_2D', [around, weights, half([channels], 0.1)], shape, options);
  };
  /** Conditional instance normalization, in as many steps as Magenta's files have it. */
  const normalized = (x: number, activation: number): number => {
    const [, , , channels] = writer.shape(x);
    const one = [1, 1, 1, channels];
    const [scale, shift] = [convolution(code, channels, 1, 1), convolution(code, channels, 1, 1)];
    const axes = writer.integers([1, 2]);
    const mean = writer.operator('MEAN', [x, axes], one, { keepAxes: 1 });
    const squares = writer.operator('SQUARED_DIFFERENCE', [x, mean], writer.shape(x));
    const variance = writer.operator('MEAN', [squares, axes], one, { keepAxes: 1 });
    const raised = writer.operator('ADD', [variance, writer.floats([], [1e-5])], one);
    const factor = writer.operator('MUL', [writer.operator('RSQRT', [raised], one), scale], one);
    const offset = writer.operator('SUB', [shift, writer.operator('MUL', [mean, factor], one)], one);
    const scaled = writer.operator('MUL', [x, factor], writer.shape(x));
    return writer.operator('ADD', [scaled, offset], writer.shape(x), { activation });
  };
  const upsampled = (x: number, factor: number): number => {
    const [, rows, columns, channels] = writer.shape(x);
    const to = [rows * factor, columns * factor];
    return writer.operator('RESIZE_NEAREST_NEIGHBOR', [x, writer.integers(to)], [1, ...to, channels]);
  };
  let x = convolution(picture, 4, 9, 1, 1);
  x = convolution(x, 6, 3, 2, 1);
  x = convolution(x, 8, 3, 2, 1);
  const inner = normalized(convolution(x, 8, 3, 1), 1);
  x = writer.operator('ADD', [x, normalized(convolution(inner, 8, 3, 1), 0)], writer.shape(x));
  x = normalized(convolution(upsampled(x, 2), 6, 3, 1), 1);
  x = normalized(convolution(upsampled(x, 2), 4, 3, 1), 1);
  x = normalized(convolution(upsampled(x, 1), 3, 9, 1), 0);
  const painted = writer.operator('LOGISTIC', [x], writer.shape(x));
  return writer.model([picture, code], painted);
}

const fullRange: TfliteQuantization = { scales: [1 / 255], zeroPoints: [-128], axis: 0 };
const rectified: TfliteQuantization = { scales: [6 / 255], zeroPoints: [-128], axis: 0 };
const signed: TfliteQuantization = { scales: [8 / 255], zeroPoints: [3], axis: 0 };

/** The style prediction: a painting of this size to a code, in float32, or in int8 with a scale for each channel. */
export function toyPrediction({ height, width }: ToySize, isQuantized: boolean): WritableModel {
  const writer = new ModelWriter();
  const painting = writer.tensor([1, height, width, 3], { name: 'style' });
  /** What is noted of a map, where the network is quantised. */
  const map = (quantization: TfliteQuantization): Partial<TfliteTensor> =>
    isQuantized ? { type: 'INT8', quantization } : {};
  const weights = (shape: Shape, taps: number, axis: number, from: number): readonly [number, number] => {
    const channels = shape[axis]!;
    const values = writer.normal(shape, deviationOf(taps));
    const biases = writer.normal([channels], 0.1);
    if (!isQuantized) return [writer.floats(shape, values), writer.floats([channels], biases)];
    const stride = sizeOf(shape.slice(axis + 1));
    const channelOf = (index: number): number => Math.floor(index / stride) % channels;
    const largest = new Array<number>(channels).fill(1e-6);
    values.forEach((value, index) => {
      largest[channelOf(index)] = Math.max(largest[channelOf(index)]!, Math.abs(value));
    });
    const scales = largest.map((value) => value / 127);
    const zeroPoints = scales.map(() => 0);
    const data = Int8Array.from(values, (value, index) => Math.round(value / scales[channelOf(index)]!));
    const biasScales = scales.map((scale) => scale * writer.tensors[from]!.quantization!.scales[0]!);
    const sums = Int32Array.from(biases, (value, index) => Math.round(value / biasScales[index]!));
    return [
      writer.tensor(shape, { type: 'INT8', data: bytesOf(data), quantization: { scales, zeroPoints, axis } }),
      writer.tensor([channels], {
        ...{ type: 'INT32', data: bytesOf(sums) },
        quantization: { scales: biasScales, zeroPoints, axis: 0 },
      }),
    ];
  };
  const options = (stride: number, activation: number) => ({
    ...{ padding: 0, strideX: stride, strideY: stride, activation },
  });
  const strided = (length: number, stride: number): number => Math.ceil(length / stride);
  const convolution = (
    x: number,
    channels: number,
    kernel: number,
    stride: number,
    activation = 0,
  ): number => {
    const [, rows, columns, from] = writer.shape(x);
    const parameters = weights([channels, kernel, kernel, from], kernel * kernel * from, 0, x);
    const shape = [1, strided(rows, stride), strided(columns, stride), channels];
    const kind = map(activation === 3 ? rectified : signed);
    return writer.operator('CONV_2D', [x, ...parameters], shape, options(stride, activation), kind);
  };
  const depthwise = (x: number, stride: number): number => {
    const [, rows, columns, channels] = writer.shape(x);
    const parameters = weights([1, 3, 3, channels], 9, 3, x);
    const shape = [1, strided(rows, stride), strided(columns, stride), channels];
    return writer.operator(
      'DEPTHWISE_CONV_2D',
      [x, ...parameters],
      shape,
      options(stride, 3),
      map(rectified),
    );
  };
  let x = painting;
  if (isQuantized) x = writer.operator('QUANTIZE', [x], writer.shape(x), {}, map(fullRange));
  x = depthwise(convolution(x, 8, 3, 2, 3), 1);
  x = convolution(x, 6, 1, 1);
  // The inverted residual of MobileNet v2.
  const inner = convolution(depthwise(convolution(x, 12, 1, 1, 3), 1), 6, 1, 1);
  x = writer.operator('ADD', [inner, x], writer.shape(x), {}, map(signed));
  x = depthwise(convolution(x, 12, 1, 1, 3), 2);
  const axes = writer.integers([1, 2]);
  x = writer.operator('MEAN', [x, axes], [1, 1, 1, 12], { keepAxes: 1 }, map(rectified));
  x = convolution(x, toyCodeLength, 1, 1);
  if (isQuantized) x = writer.operator('DEQUANTIZE', [x], writer.shape(x));
  return writer.model([painting], x);
}
