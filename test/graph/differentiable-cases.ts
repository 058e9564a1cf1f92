import * as graph from '../../src/graph/index.js';
import type { Tensor } from '../../src/graph/index.js';
import type { Draw } from './draw.js';

/** Everything that makes a tensor from tensors; what is left has no gradient, or is none of the graph's operations. */
export type Operation = Exclude<
  keyof typeof graph,
  | 'constant'
  | 'encodeOnnx'
  | 'estimateCost'
  | 'findPositions'
  | 'fixPictureSize'
  | 'pixelsBetween'
  | 'formatShape'
  | 'gradients'
  | 'input'
  | 'integers'
  | 'named'
  | 'opsetVersion'
  | 'readOnnxFile'
  | 'scalar'
  | 'segmentNeeds'
  | 'segmentOf'
  | 'simplify'
  | 'sizeOf'
  | 'splitIntoWindows'
  | 'stopGradient'
  | 'zeros'
  // Their gradient is zero: they only choose.
  | 'argMax'
  | 'castToFloat'
  | 'equal'
  | 'greater'
  | 'heaviside'
  | 'less'
>;

/** Draws inputs and builds an expression of them by one operation. */
export type Case = (draw: Draw) => Tensor;

const numbers = (draw: Draw, shape: readonly number[], from: number, to: number): Tensor =>
  draw.input(shape, draw.numbers(graph.sizeOf(shape), from, to));

/** No two values, and none and 0, are so near each other that a small step exchanges them. */
const distinct = (draw: Draw, shape: readonly number[]): Tensor =>
  draw.input(shape, draw.distinct(graph.sizeOf(shape)));

const elementwise =
  (build: (x: Tensor) => Tensor, from = -1, to = 1): Case =>
  (draw) =>
    build(numbers(draw, draw.shape(0, 4), from, to));

const kinked =
  (build: (x: Tensor) => Tensor): Case =>
  (draw) =>
    build(distinct(draw, draw.shape(0, 4, 3)));

/** Operands of shapes that broadcast; the second stays away from 0. */
const pairwise =
  (build: (a: Tensor, b: Tensor) => Tensor): Case =>
  (draw) => {
    const shape = draw.shape(0, 4, 3);
    const other = shape.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, shape.length));
    const [a, b] = draw.boolean() ? [shape, other] : [other, shape];
    return build(draw.input(a), numbers(draw, b, 0.5, 2));
  };

/** One operand's values lie between the other's, never nearer than 0.05. */
const choice =
  (build: (a: Tensor, b: Tensor) => Tensor): Case =>
  (draw) => {
    const shape = draw.shape(0, 3, 3);
    const halfway = draw.distinct(graph.sizeOf(shape)).map((value) => value + 0.05);
    return build(distinct(draw, shape), draw.input(shape, halfway));
  };

const reduction =
  (build: typeof graph.sum): Case =>
  (draw) => {
    const x = distinct(draw, draw.shape(0, 4, 3));
    return build(x, draw.boolean() ? draw.subset(x.shape.length) : undefined, draw.boolean());
  };

const windows =
  (build: typeof graph.maxPool): Case =>
  (draw) => {
    const [kernel, stride] = draw.pick([
      [2, 2],
      [3, 3],
      [1, 1],
      [3, 2],
      [3, 1],
      [2, 1],
      [2, 3],
    ] as const);
    const [height, width] = [draw.integer(kernel, 6), draw.integer(kernel, 6)];
    return build(distinct(draw, [draw.integer(1, 2), draw.integer(1, 2), height, width]), kernel, stride);
  };

const convolution =
  (stride: number): Case =>
  (draw) => {
    const groups = draw.integer(1, 2);
    const [kernelHeight, kernelWidth] = [draw.integer(1, 3), draw.integer(1, 3)];
    const padding = [draw.integer(0, 3), draw.integer(0, 3), draw.integer(0, 3), draw.integer(0, 3)] as const;
    const height = draw.integer(Math.max(1, kernelHeight - padding[0] - padding[2]), 5);
    const width = draw.integer(Math.max(1, kernelWidth - padding[1] - padding[3]), 5);
    // More than 8 channels a group take another way to the weights' gradient.
    const perGroup = draw.pick([1, 2, 3, 9]);
    const outputs = groups * draw.integer(1, 3);
    const x = draw.input([draw.integer(1, 2), groups * perGroup, height, width]);
    const w = draw.input([outputs, perGroup, kernelHeight, kernelWidth]);
    const bias = draw.boolean() ? { bias: draw.input([outputs]) } : {};
    return graph.convolution(x, w, { stride, padding, groups, ...bias });
  };

/** As many channels as Winograd's form takes, and sides that fill its tiles or don't. */
const winogradConvolution: Case = (draw) => {
  const border = draw.pick(['zero', 'reflect', 'replicate', 'circular'] as const);
  const padding = draw.integer(0, 2);
  const side = (): number => draw.integer(border === 'zero' && padding > 0 ? 1 : 3, 6);
  const x = draw.input([draw.integer(1, 2), 32, side(), side()]);
  const bias = draw.boolean() ? { bias: draw.input([33]) } : {};
  return graph.convolution(x, draw.input([33, 32, 3, 3]), { padding, border, ...bias });
};

/** Its gradient with respect to the picture or the weights, which is linear in what is left. */
const winogradGradient =
  (by: 'picture' | 'weights'): Case =>
  (draw) => {
    const padding = draw.integer(1, 2);
    const border = draw.pick(['zero', 'reflect', 'replicate', 'circular'] as const);
    const tensor = (drawn: boolean, shape: number[]): Tensor =>
      drawn ? draw.input(shape) : graph.input('unused', shape);
    const x = tensor(by === 'weights', [1, 32, draw.integer(3, 6), draw.integer(3, 6)]);
    const w = tensor(by === 'picture', [33, 32, 3, 3]);
    const y = graph.convolution(x, w, { padding, border });
    const loss = graph.sum(graph.multiply(y, draw.input(y.shape)));
    return graph.gradients(loss, [by === 'picture' ? x : w])[0]!;
  };

/** A transposed convolution only arises as the gradient of a strided one. */
const transposedConvolution: Case = (draw) => {
  const groups = draw.integer(1, 2);
  const x = graph.input('unused', [draw.integer(1, 2), 2 * groups, draw.integer(3, 6), draw.integer(3, 6)]);
  const w = draw.input([groups * draw.integer(1, 2), 2, draw.integer(1, 3), draw.integer(1, 3)]);
  const options = { stride: draw.integer(2, 3), padding: draw.integer(0, 1), groups };
  const y = graph.convolution(x, w, options);
  return graph.gradients(graph.sum(graph.multiply(y, draw.input(y.shape))), [x])[0]!;
};

/** The values of windows side by side go to where the largest were: what arises as the gradient of maximum pooling. */
const maxUnpool: Case = (draw) => {
  const kernel = draw.integer(1, 3);
  const x = distinct(draw, [
    draw.integer(1, 2),
    draw.integer(1, 2),
    draw.integer(kernel, 6),
    draw.integer(kernel, 6),
  ]);
  const y = graph.maxPool(x, kernel);
  return graph.gradients(graph.sum(graph.multiply(y, draw.input(y.shape))), [x])[0]!;
};

const resize =
  (mode: 'nearest' | 'bilinear'): Case =>
  (draw) => {
    const x = draw.input([draw.integer(1, 2), draw.integer(1, 2), draw.integer(1, 4), draw.integer(1, 4)]);
    const [height, width] = x.shape
      .slice(2)
      .map((length) => (draw.boolean() ? 2 * length : draw.integer(1, 7)));
    return graph.resize(x, height!, width!, mode);
  };

/** The widest border that a mode can make of what an axis has. */
const widestBorder = (mode: graph.PaddingMode, length: number, otherwise: number): number =>
  mode === 'reflect' ? length - 1 : mode === 'circular' ? length : otherwise;

const foldBorder =
  (mode: 'reflect' | 'replicate' | 'circular'): Case =>
  (draw) => {
    const inside = draw.shape(1, 4, 3);
    const count = (length: number): number => draw.integer(0, widestBorder(mode, length, 2));
    const [before, after] = [inside.map(count), inside.map(count)];
    const whole = inside.map((length, axis) => length + before[axis]! + after[axis]!);
    return graph.foldBorder(draw.input(whole), before, after, mode);
  };

const pad =
  (mode: graph.PaddingMode): Case =>
  (draw) => {
    const x = draw.input(draw.shape(1, 4));
    const count = (length: number): number => draw.integer(0, widestBorder(mode, length, 3));
    return graph.pad(x, x.shape.map(count), x.shape.map(count), mode);
  };

const matmul: Case = (draw) => {
  const [m, k, n] = [draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)];
  const [transposeA, transposeB] = [draw.boolean(), draw.boolean()];
  const stack = draw.shape(0, 2, 3);
  const shrunk = stack.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, stack.length));
  const [stackA, stackB] = draw.boolean() ? [stack, shrunk] : [shrunk, stack];
  const a = draw.input([...stackA, ...(transposeA ? [k, m] : [m, k])]);
  const b = draw.input([...stackB, ...(transposeB ? [n, k] : [k, n])]);
  return graph.matmul(a, b, { transposeA, transposeB });
};

const matmulWithItself: Case = (draw) => {
  const x = draw.boolean() ? draw.input([3, 3]) : draw.input([2, draw.integer(1, 4), draw.integer(1, 4)]);
  const square = x.shape.at(-1) === x.shape.at(-2);
  const transposeA = draw.boolean();
  return graph.matmul(x, x, { transposeA, transposeB: square ? draw.boolean() : !transposeA });
};

const map = (draw: Draw): Tensor =>
  draw.input([draw.integer(1, 3), draw.integer(1, 3), draw.integer(2, 4), draw.integer(2, 4)]);

const instanceNormalization =
  (rows: 'one' | 'each'): Case =>
  (draw) => {
    const x = map(draw);
    const shape = rows === 'one' ? [x.shape[1]!] : x.shape.slice(0, 2);
    return graph.instanceNormalization(x, draw.input(shape), draw.input(shape), 0.1);
  };

const gather: Case = (draw) => {
  const x = draw.input(draw.shape(1, 3));
  const axis = draw.integer(0, x.shape.length - 1);
  const shape = draw.shape(0, 2);
  const picks = Array.from({ length: graph.sizeOf(shape) }, () => draw.integer(0, x.shape[axis]! - 1));
  return graph.gather(x, graph.integers(picks, shape), axis);
};

const slice: Case = (draw) => {
  const x = draw.input(draw.shape(1, 4, 6));
  const starts = x.shape.map((length) => draw.integer(0, length - 1));
  const ends = x.shape.map((length, axis) => draw.integer(starts[axis]! + 1, length));
  return graph.slice(
    x,
    starts,
    ends,
    x.shape.map(() => draw.integer(1, 3)),
  );
};

const concat: Case = (draw) => {
  const shape = draw.shape(1, 3);
  const axis = draw.integer(0, shape.length - 1);
  const part = (): Tensor => draw.input(shape.map((length, i) => (i === axis ? draw.integer(1, 3) : length)));
  return graph.concat(Array.from({ length: draw.integer(1, 3) }, part), axis);
};

const repeated = (draw: Draw): { shape: number[]; own: number[] } => {
  const shape = draw.shape(0, 4, 3);
  return {
    shape,
    own: shape.map((length) => (draw.boolean() ? 1 : length)).slice(draw.integer(0, shape.length)),
  };
};

/** Every differentiable operation, each over random shapes. */
export const cases: Readonly<Record<Operation, readonly Case[]>> = {
  absolute: [kinked(graph.absolute)],
  add: [pairwise(graph.add)],
  averagePool: [windows(graph.averagePool)],
  channelMoments: [
    (draw) => {
      const { mean, deviation, centred } = graph.channelMoments(map(draw), 0.1);
      return graph.add(graph.multiply(mean, centred), deviation);
    },
  ],
  clip: [kinked((x) => graph.clip(x, -0.55, 0.35))],
  concat: [concat],
  convolution: [
    convolution(1),
    convolution(2),
    convolution(3),
    transposedConvolution,
    winogradConvolution,
    winogradGradient('picture'),
    winogradGradient('weights'),
  ],
  pictureAt: [
    (draw) => {
      const shape = draw.shape(1, 4);
      return graph.pictureAt(draw.input(shape), draw.integer(0, shape[0]! - 1));
    },
  ],
  crop: [
    (draw) => {
      const [n, channels, height, width] = [1, 2, draw.integer(2, 4), draw.integer(2, 4)];
      const reference = draw.input([1, 1, draw.integer(1, height), draw.integer(1, width)]);
      return graph.crop(draw.input([n, channels, height, width]), reference);
    },
  ],
  depthToSpace: [
    (draw) => graph.depthToSpace(draw.input([1, 4 * draw.integer(1, 2), draw.integer(1, 3), 2]), 2),
  ],
  diagonalSums: [
    (draw) => {
      const [taps, step] = [draw.integer(1, 3), draw.integer(1, 2)];
      const side = (): number => (taps - 1) * step + draw.integer(1, 3);
      const x = draw.input([side(), side(), side()]);
      const shape = x.shape
        .map((length) => length - (taps - 1) * step - draw.integer(0, 1))
        .map((n) => Math.max(1, n));
      return graph.diagonalSums(x, taps, { step, ...(draw.boolean() ? { shape } : {}) });
    },
    (draw) => graph.diagonalSums(draw.input([3, 16, 15]), 2),
  ],
  divide: [pairwise(graph.divide)],
  exp: [elementwise(graph.exp)],
  expand: [
    (draw) => {
      const { shape, own } = repeated(draw);
      return graph.expand(draw.input(own), shape);
    },
  ],
  gather: [gather],
  instanceNormalization: [instanceNormalization('one'), instanceNormalization('each')],
  leakyRelu: [kinked((x) => graph.leakyRelu(x, 0.1))],
  log: [elementwise(graph.log, 0.5, 2)],
  matmul: [matmul, matmulWithItself],
  max: [reduction(graph.max)],
  maxPool: [windows(graph.maxPool), maxUnpool],
  maximum: [choice(graph.maximum)],
  mean: [reduction(graph.mean)],
  minimum: [choice(graph.minimum)],
  multiply: [pairwise(graph.multiply)],
  negate: [elementwise(graph.negate)],
  foldBorder: [foldBorder('reflect'), foldBorder('replicate'), foldBorder('circular')],
  joinPhases: [
    (draw) =>
      graph.joinPhases(draw.input([1, 4 * draw.integer(1, 2), draw.integer(2, 3), draw.integer(2, 3)])),
  ],
  spaceToDepth: [
    (draw) => graph.spaceToDepth(draw.input([1, draw.integer(1, 2), 2 * draw.integer(1, 3), 4]), 2),
  ],
  splitPhases: [
    (draw) =>
      graph.splitPhases(draw.input([1, draw.integer(1, 2), 2 * draw.integer(1, 2), 2 * draw.integer(1, 2)])),
  ],
  pad: [pad('zero'), pad('reflect'), pad('replicate'), pad('circular')],
  padImage: [
    (draw) =>
      graph.padImage(
        draw.input([1, 2, 3, 4]),
        draw.integer(0, 2),
        draw.pick(['zero', 'reflect', 'replicate', 'circular']),
      ),
  ],
  positions: [(draw) => graph.positions(map(draw))],
  relu: [kinked(graph.relu)],
  reshape: [(draw) => graph.reshape(draw.input(draw.shape(1, 4)), [-1])],
  resize: [resize('nearest'), resize('bilinear')],
  reverse: [
    (draw) => {
      const x = draw.input(draw.shape(1, 4));
      return graph.reverse(x, draw.subset(x.shape.length, 1));
    },
  ],
  scaleMap: [(draw) => graph.scaleMap(map(draw), -1.5)],
  sigmoid: [elementwise(graph.sigmoid, -3, 3)],
  slice: [slice],
  sqrt: [elementwise(graph.sqrt, 0.5, 2)],
  square: [elementwise(graph.square)],
  subtract: [pairwise(graph.subtract)],
  sum: [reduction(graph.sum)],
  sumToShape: [
    (draw) => {
      const { shape, own } = repeated(draw);
      return graph.sumToShape(draw.input(shape), own);
    },
  ],
  tanh: [elementwise(graph.tanh, -2, 2)],
  transpose: [
    (draw) => {
      const x = draw.input(draw.shape(1, 5, 3));
      return graph.transpose(x, draw.permutation(x.shape.length));
    },
  ],
  transposeLast: [(draw) => graph.transposeLast(draw.input(draw.shape(2, 4)))],
  upsampleNearest: [(draw) => graph.upsampleNearest(map(draw), draw.integer(1, 3))],
  where: [
    pairwise((a, b) => {
      const shape = graph.add(a, b).shape;
      const pattern = graph.constant(
        Float32Array.from({ length: graph.sizeOf(shape) }, (_, i) => (i * 7) % 3),
        shape,
      );
      return graph.where(graph.greater(pattern, 0.5), a, b);
    }),
  ],
};
