import { describe, expect, it } from 'vitest';
import { parseTflite, type TfliteTensor } from '../../src/formats/tflite.js';
import { input, type Shape } from '../../src/graph/index.js';
import { tfliteNetwork, type TfliteNetwork } from '../../src/networks/tflite-network.js';
import { encodeTflite } from '../formats/tflite-writer.js';
import { valuesOf } from '../graph-values.js';

/** What takes part beside the map that goes in and the one that comes out. */
interface Step {
  readonly type: string;
  readonly options?: Record<string, number>;
  /** Shapes in the file, NHWC. */
  readonly from: Shape;
  readonly to: Shape;
  readonly constants?: readonly Partial<TfliteTensor>[];
}

const floats = (shape: Shape, values: readonly number[]): Partial<TfliteTensor> => ({
  ...{ shape, type: 'FLOAT32', data: new Uint8Array(Float32Array.from(values).buffer) },
});
const integers = (values: readonly number[], shape: Shape = [values.length]): Partial<TfliteTensor> => ({
  ...{ shape, type: 'INT32', data: new Uint8Array(Int32Array.from(values).buffer) },
});
const all = (shape: Shape, value: number): Partial<TfliteTensor> =>
  floats(shape, new Array<number>(shape.reduce((product, length) => product * length, 1)).fill(value));

/** A file of one operator, which takes the map first and then the constants. */
function networkOf({ type, options = {}, from, to, constants = [] }: Step): TfliteNetwork {
  const map = (name: string, shape: Shape): TfliteTensor => ({ name, shape, type: 'FLOAT32' });
  const others = constants.map((one, index) => ({ ...map(`c${index}`, []), ...one }));
  const tensors = [map('x', from), map('y', to), ...others];
  const inputs = [0, ...others.map((_, index) => index + 2)];
  const operators = [{ type, inputs, outputs: [1], options }];
  return tfliteNetwork(
    parseTflite(encodeTflite({ tensors, operators, inputs: [0], outputs: [1] }), 'one.tflite'),
  );
}

/** What comes out for values NCHW. */
async function result(step: Step, shape: Shape, values: readonly number[]): Promise<number[]> {
  const [y] = networkOf(step).apply([input('x', shape)]);
  return [...(await valuesOf(y!, { x: Float32Array.from(values) }))];
}

const ones = (count: number): number[] => new Array<number>(count).fill(1);
const convolving = { padding: 0, strideX: 2, strideY: 2 };
const kernel = all([1, 3, 3, 1], 1);

describe('operators of TFLite', () => {
  it('convolve with SAME borders as TensorFlow, where the odd zero is at the end', async () => {
    // How many pixels each kernel covers. In PyTorch and ONNX the first row and column would have fewer.
    const even: Step = {
      type: 'CONV_2D',
      options: convolving,
      from: [1, 4, 4, 1],
      to: [1, 2, 2, 1],
      constants: [kernel],
    };
    expect(await result(even, [1, 1, 4, 4], ones(16))).toEqual([9, 6, 6, 4]);
    expect(await result(even, [1, 1, 5, 4], ones(20))).toEqual([6, 4, 9, 6, 6, 4]);
    expect(await result(even, [1, 1, 1, 1], [1])).toEqual([1]);
  });

  it('convolve each channel by itself', async () => {
    // Two results of the first channel, then two of the second.
    const constants = [floats([1, 1, 1, 4], [1, 2, 3, 4]), floats([4], [0, 0, 0, 100])];
    const options = { padding: 1, strideX: 1, strideY: 1, activation: 3 };
    const step: Step = {
      type: 'DEPTHWISE_CONV_2D',
      options,
      from: [1, 1, 2, 2],
      to: [1, 1, 2, 4],
      constants,
    };
    expect(await result(step, [1, 2, 1, 2], [1, -1, 10, 0.5])).toEqual([1, 0, 2, 0, 6, 1.5, 6, 6]);
  });

  it('compute with one number, and with one for each channel', async () => {
    const by = (type: string, constant: Partial<TfliteTensor>, options = {}): Promise<number[]> =>
      result(
        { type, options, from: [1, 1, 2, 2], to: [1, 1, 2, 2], constants: [constant] },
        [1, 2, 1, 2],
        [1, 2, 3, 4],
      );
    expect(await by('ADD', floats([], [10]))).toEqual([11, 12, 13, 14]);
    expect(await by('MUL', floats([2], [2, -1]))).toEqual([2, 4, -3, -4]);
    expect(await by('SUB', floats([1, 1, 1, 2], [1, 5]), { activation: 1 })).toEqual([0, 1, 0, 0]);
    expect(await by('SQUARED_DIFFERENCE', floats([2], [3, 3]))).toEqual([4, 1, 0, 1]);
  });

  it('compute number by number', async () => {
    const of = (type: string): Promise<number[]> =>
      result({ type, from: [1, 1, 2, 1], to: [1, 1, 2, 1] }, [1, 1, 1, 2], [4, 0.25]);
    expect(await of('RSQRT')).toEqual([0.5, 2]);
    expect((await of('LOGISTIC'))[0]).toBeCloseTo(1 / (1 + Math.exp(-4)), 6);
    expect(await of('QUANTIZE')).toEqual([4, 0.25]);
  });

  it('take means over axes of their own order', async () => {
    const step = (axes: readonly number[], to: Shape): Step => ({
      ...{ type: 'MEAN', options: { keepAxes: 1 }, from: [1, 1, 2, 2], to, constants: [integers(axes)] },
    });
    const values = [1, 2, 30, 40];
    expect(await result(step([1, 2], [1, 1, 1, 2]), [1, 2, 1, 2], values)).toEqual([1.5, 35]);
    expect(await result(step([-1], [1, 1, 2, 1]), [1, 2, 1, 2], values)).toEqual([15.5, 21]);
  });

  it('mirror borders', async () => {
    const constants = [integers([0, 0, 0, 1, 2, 0, 0, 0], [4, 2])];
    const step: Step = { type: 'MIRROR_PAD', from: [1, 2, 3, 1], to: [1, 3, 5, 1], constants };
    expect(await result(step, [1, 1, 2, 3], [1, 2, 3, 4, 5, 6])).toEqual([
      3, 2, 1, 2, 3, 6, 5, 4, 5, 6, 3, 2, 1, 2, 3,
    ]);
  });

  it('repeat pixels as many times as in the file, whatever the size', async () => {
    const constants = [integers([4, 8])];
    const step: Step = { type: 'RESIZE_NEAREST_NEIGHBOR', from: [1, 2, 4, 1], to: [1, 4, 8, 1], constants };
    expect(await result(step, [1, 1, 1, 2], [1, 2])).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});

describe('operators that are not run', () => {
  const reason = (step: Step): string => {
    try {
      networkOf(step);
      return 'it is run';
    } catch (error) {
      expect(error).toMatchObject({ name: 'StyleError', code: 'E_WEIGHTS_CONTENT' });
      return (error as Error).message;
    }
  };
  const convolution = (options: object): Step => ({
    ...{
      type: 'CONV_2D',
      options: { ...convolving, ...options },
      from: [1, 4, 4, 1],
      to: [1, 2, 2, 1],
      constants: [kernel],
    },
  });
  const square = { from: [1, 4, 4, 1], to: [1, 4, 4, 1] };

  const refused: readonly (readonly [Step, string])[] = [
    [convolution({}), 'it is run'],
    [convolution({ strideX: 1 }), 'has the strides 2 and 1'],
    [convolution({ strideX: 0, strideY: 0 }), 'has the strides 0 and 0'],
    [convolution({ dilationY: 2 }), 'has the dilations 2 and 1'],
    [convolution({ activation: 4 }), 'has the activation 4'],
    [{ ...convolution({}), constants: [] }, 'has 1 inputs'],
    [{ ...convolution({}), constants: [all([3, 3, 1], 1)] }, 'has weights of shape [3, 3, 1]'],
    [{ ...convolution({}), constants: [all([1, 3, 3, 2], 1)] }, 'does not fit'],
    [{ ...convolution({}), constants: [{ shape: [1, 3, 3, 1] }] }, 'has no values'],
    [{ ...convolution({}), to: [1, 2, 3, 1] }, 'gives [1, 1, 2, 2], and the file says [1, 1, 2, 3]'],
    [{ ...square, type: 'ADD', constants: [all([1, 4, 4, 1], 1)] }, 'has a constant of shape [1, 4, 4, 1]'],
    [{ ...square, type: 'ADD', constants: [{ shape: [1, 4, 4, 1] }] }, 'comes before one that it needs'],
    [{ ...square, type: 'MEAN', constants: [integers([1])] }, 'leaves out axes'],
    [{ ...square, type: 'MEAN', options: { keepAxes: 1 }, constants: [integers([4])] }, 'has the axis 4'],
    [
      { ...square, type: 'MIRROR_PAD', options: { mode: 1 }, constants: [integers(ones(8), [4, 2])] },
      'repeats the border itself',
    ],
    [{ ...square, type: 'MIRROR_PAD', constants: [integers(ones(8), [4, 2])] }, 'adds borders of 1, 1'],
    [
      { ...square, type: 'MIRROR_PAD', constants: [integers([0, 0, 4, 0, 0, 0, 0, 0], [4, 2])] },
      'does not fit',
    ],
    [{ ...square, type: 'RESIZE_NEAREST_NEIGHBOR', constants: [integers([4, 6])] }, 'goes from 4x4 to 4x6'],
    [{ ...square, type: 'RESIZE_NEAREST_NEIGHBOR', constants: [integers([4000, 4000])] }, 'to 4000x4000'],
    [
      {
        ...square,
        type: 'RESIZE_NEAREST_NEIGHBOR',
        options: { alignCorners: 1 },
        constants: [integers([4, 4])],
      },
      'aligns corners',
    ],
    [{ ...square, type: 'LOGISTIC', from: [4, 4] }, '"x" has the shape [4, 4], and four axes are needed'],
    [{ ...square, type: 'SOFTMAX' }, 'the operator SOFTMAX is not known'],
  ];

  it.each(refused.map(([step, why]) => ({ step, why })))('$step.type: $why', ({ step, why }) => {
    expect(reason(step)).toContain(why);
  });

  it('have several results, or none', () => {
    const tensors = ['x', 'y', 'z'].map((name) => ({ name, shape: [1, 2, 2, 1], type: 'FLOAT32' as const }));
    const written = (outputs: readonly number[]): unknown => {
      const operators = [{ type: 'LOGISTIC', inputs: [0], outputs, options: {} }];
      return tfliteNetwork(
        parseTflite(encodeTflite({ tensors, operators, inputs: [0], outputs: [1] }), 'one.tflite'),
      );
    };
    expect(() => written([1, 2])).toThrow('operator 0, LOGISTIC, has 2 results');
    expect(() => written([])).toThrow('operator 0, LOGISTIC, has 0 results');
    expect(() => written([2])).toThrow('its output "y" is never computed');
  });
});
