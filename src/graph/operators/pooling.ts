import { shapeError } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';
import { add, divide, heaviside, multiply } from './arithmetic.js';
import { scaleMap } from './blocked-layout.js';
import { slice } from './layout.js';
import { pad } from './padding.js';
import { upsampleNearest } from './resize.js';
import { castToFloat, equal } from './selection.js';

type PoolingAttributes = { kernel: number; stride: number };

function pooling(
  name: string,
  type: string,
  gradient: (x: Tensor, y: Tensor, g: Tensor, attributes: PoolingAttributes) => Tensor,
): Operator<PoolingAttributes> {
  return {
    name,
    infer: ([x], { kernel, stride }) => {
      const [n, c, height, width] = x!.shape;
      if (x!.shape.length !== 4 || height! < kernel || width! < kernel) {
        throw shapeError(name, [x!.shape], `a window of ${kernel}x${kernel} does not fit`);
      }
      const steps = (length: number): number => Math.floor((length - kernel) / stride) + 1;
      return { shape: [n!, c!, steps(height!), steps(width!)], dtype: 'float32' };
    },
    emit: (_, emitter, { kernel, stride }) =>
      void emitter.node(
        type,
        emitter.inputs,
        { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [0, 0, 0, 0] },
        emitter.output,
      ),
    gradient: (tensor, g, attributes) => [gradient(tensor.inputs[0]!, tensor, g, attributes)],
  };
}

/** Windows side by side: each value belongs to one window at most, and the gradient is an upsampling. */
const tiles = ({ kernel, stride }: PoolingAttributes): boolean => kernel === stride;

/** The part of `x` that whole windows cover; a remainder at the right and bottom belongs to no window. */
function covered(x: Tensor, y: Tensor, kernel: number): Tensor {
  return slice(x, [0, 0, 0, 0], [x.shape[0]!, x.shape[1]!, y.shape[2]! * kernel, y.shape[3]! * kernel]);
}

function uncover(part: Tensor, x: Tensor): Tensor {
  return pad(
    part,
    [0, 0, 0, 0],
    x.shape.map((length, axis) => length - part.shape[axis]!),
  );
}

/** For overlapping windows: the values that the windows see at one offset, and the way back. */
function taps(x: Tensor, y: Tensor, { kernel, stride }: PoolingAttributes): Tensor[] {
  const [n, c, rows, columns] = y.shape as [number, number, number, number];
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const [dy, dx] = [Math.floor(tap / kernel), tap % kernel];
    return slice(
      x,
      [0, 0, dy, dx],
      [n, c, dy + (rows - 1) * stride + 1, dx + (columns - 1) * stride + 1],
      [1, 1, stride, stride],
    );
  });
}

function scatter(views: readonly Tensor[], values: readonly Tensor[]): Tensor {
  return views
    .map((view, i) => view.operator.gradient!(view, values[i]!, view.attributes, [true])[0]!)
    .reduce((total, part) => add(total, part));
}

const maxPoolOperator = pooling('maxPool', 'MaxPool', (x, y, g, attributes) => {
  const { kernel } = attributes;
  if (tiles(attributes)) {
    const part = covered(x, y, kernel);
    // No value exceeds its window's largest, so those that aren't below it are equal to it.
    const winners = heaviside(add(part, upsampleNearest(scaleMap(y, -1), kernel)), 1);
    // Where several values of a window are the largest (flat skies, white borders) they share its gradient.
    const share = scaleMap(divide(1, averagePool(winners, kernel)), 1 / (kernel * kernel));
    return uncover(multiply(winners, upsampleNearest(multiply(g, share), kernel)), x);
  }
  const views = taps(x, y, attributes);
  const winners = views.map((view) => castToFloat(equal(view, y)));
  const count = winners.reduce((total, mask) => add(total, mask));
  const share = divide(g, count);
  return scatter(
    views,
    winners.map((mask) => multiply(mask, share)),
  );
});

const averagePoolOperator = pooling('averagePool', 'AveragePool', (x, y, g, attributes) => {
  const { kernel } = attributes;
  const share = multiply(g, 1 / (kernel * kernel));
  if (tiles(attributes)) return uncover(upsampleNearest(share, kernel), x);
  const views = taps(x, y, attributes);
  return scatter(
    views,
    views.map(() => share),
  );
});

/** Largest value of each `kernel` x `kernel` window; a remainder at the right and bottom is dropped. */
export const maxPool = (x: Tensor, kernel: number, stride = kernel): Tensor =>
  apply(maxPoolOperator, [x], { kernel, stride });
/** Mean of each `kernel` x `kernel` window; a remainder at the right and bottom is dropped. */
export const averagePool = (x: Tensor, kernel: number, stride = kernel): Tensor =>
  apply(averagePoolOperator, [x], { kernel, stride });
