import { shapeError } from '../shape.js';
import { apply, type Operator, type Tensor } from '../tensor.js';

/*
 * A map of twice the height and width as four maps, its phases: phase (a, b) has its pixels (2 i + a, 2 j + b). Convolving
 * a small map with four small kernels gives all phases at once, each in the place where its own kernel began, so that phase
 * (a, b) of an [H + 1, W + 1] result begins at (a, b), and a row and a column of it belong to nothing.
 */

/** For each pixel of the large map its place among the phases `[2, 2, rows + 1, columns + 1]`. */
function placesInPhases(rows: number, columns: number): number[] {
  return Array.from({ length: 4 * rows * columns }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / (2 * columns)), pixel % (2 * columns)];
    const [a, b] = [y % 2, x % 2];
    return ((2 * a + b) * (rows + 1) + (y + a) / 2) * (columns + 1) + (x + b) / 2;
  });
}

const joinPhasesOperator: Operator = {
  name: 'joinPhases',
  infer: ([x]) => {
    const [n, channels, height, width] = x!.shape as [number, number, number, number];
    if (x!.shape.length !== 4 || channels % 4 !== 0 || height < 2 || width < 2)
      throw shapeError(
        'joining phases',
        [x!.shape],
        'four maps a channel are needed, with sides of at least 2',
      );
    return { shape: [n, channels / 4, 2 * (height - 1), 2 * (width - 1)], dtype: 'float32' };
  },
  emit: (tensor, emitter) => {
    const [n, channels, height, width] = tensor.shape as [number, number, number, number];
    const flat = emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers([n, channels, -1])]);
    const places = emitter.integers(placesInPhases(height / 2, width / 2));
    const joined = emitter.node('Gather', [flat, places], { axis: 2 });
    emitter.node('Reshape', [joined, emitter.integers(tensor.shape)], {}, emitter.output);
  },
  gradient: (_, g) => [splitPhases(g)],
};

const splitPhasesOperator: Operator = {
  name: 'splitPhases',
  infer: ([x]) => {
    const [n, channels, height, width] = x!.shape as [number, number, number, number];
    if (x!.shape.length !== 4 || height % 2 !== 0 || width % 2 !== 0)
      throw shapeError('splitting into phases', [x!.shape], 'four axes and even sides are needed');
    return { shape: [n, 4 * channels, height / 2 + 1, width / 2 + 1], dtype: 'float32' };
  },
  emit: (tensor, emitter) => {
    const [n, channels, height, width] = tensor.inputs[0]!.shape as [number, number, number, number];
    const places = placesInPhases(height / 2, width / 2);
    const sources = new Array<number>(4 * (height / 2 + 1) * (width / 2 + 1)).fill(0);
    const belongs = sources.slice();
    places.forEach((place, pixel) => {
      sources[place] = pixel;
      belongs[place] = 1;
    });
    const flat = emitter.node('Reshape', [emitter.inputs[0]!, emitter.integers([n, channels, -1])]);
    const split = emitter.node('Gather', [flat, emitter.integers(sources)], { axis: 2 });
    const masked = emitter.node('Mul', [split, emitter.floats(belongs, [belongs.length])]);
    emitter.node('Reshape', [masked, emitter.integers(tensor.shape)], {}, emitter.output);
  },
  gradient: (_, g) => [joinPhases(g)],
};

/**
 * Puts four phases together: value `(2 i + a, 2 j + b)` of channel `k` is value `(i + a, j + b)` of channel `4 k + 2 a + b`.
 * @param x `[N, 4 C, H + 1, W + 1]`
 * @returns `[N, C, 2 H, 2 W]`
 * @throws StyleError `E_SHAPE` for other shapes
 */
export const joinPhases = (x: Tensor): Tensor => apply(joinPhasesOperator, [x], {});

/**
 * The transpose of {@link joinPhases}: every value in its place among the phases, and zeros where there is none for.
 * @param x `[N, C, 2 H, 2 W]`
 * @returns `[N, 4 C, H + 1, W + 1]`
 * @throws StyleError `E_SHAPE` for other shapes
 */
export const splitPhases = (x: Tensor): Tensor => apply(splitPhasesOperator, [x], {});
