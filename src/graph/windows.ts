import { StyleError } from '../errors.js';
import { gradients } from './gradients.js';
import type { NamedTensors } from './onnx.js';
import { add, multiply } from './operators/arithmetic.js';
import { sum } from './operators/broadcasting.js';
import { reshape } from './operators/layout.js';
import { matmul } from './operators/matrix.js';
import { sameShape, sizeOf } from './shape.js';
import { constantOperator, input, inputOperator, type Tensor } from './tensor.js';
import { topologicalOrder } from './traversal.js';

/*
 * A scalar of a picture, such as a loss, computed window by window. What it takes of maps are sums over positions: Gram matrices, means,
 * squared differences. So three kinds of graphs do the whole: the sums of one window, over the positions that are its own; the scalar
 * and its derivatives with respect to the sums, from the sums of all windows together; and the gradient of a window's pixels, from
 * those derivatives. Nothing is approximated. Sums of what depends on other sums, such as a variance around a mean, come in a later
 * stage, when these are known.
 */

/** A scalar of a picture, as {@link splitIntoWindows} takes it apart. */
export interface WindowedScalar {
  /** In forward order. */
  readonly stages: readonly WindowedStage[];
  /** The outputs, of the sums of all stages, and `slope N`: the derivative of the total with respect to `sum N` where it is direct. */
  readonly head: NamedTensors;
  /** Inputs that are maps: of each, how many rows and columns a window's part and the whole have. */
  readonly maps: Readonly<Record<string, MapSides>>;
  /** Values of all these maps of the whole, the picture itself among them. */
  readonly mapValues: number;
  /** How far the positions of maps see, in pixels to each side: windows reach as far beyond what counts of them. */
  readonly radius: number;
  /** Pixels between two positions of the coarsest map: windows begin at multiples of it. */
  readonly alignment: number;
  /** The marks of positions that count, 1 or 0 for each row or column, by the names of their inputs. */
  readonly marks: Readonly<Record<string, Marks>>;
}

/** Sums that depend on the same earlier ones. */
export interface WindowedStage {
  /** `sum N`, of a window. */
  readonly sums: NamedTensors;
  /** From `slope N` of the stage's sums: `gradient` of the window, and `slope N`, to be added up, of sums of earlier stages. */
  readonly slopes: NamedTensors;
}

/** Rows and columns of a map. */
export interface MapSides {
  readonly window: readonly [rows: number, columns: number];
  readonly whole: readonly [rows: number, columns: number];
}

export interface Marks {
  readonly axis: 'rows' | 'columns';
  /** Along the axis, of a window's map. */
  readonly positions: number;
}

/** The names of the inputs and outputs that stand for a sum, and for the derivative with respect to it. */
const sumName = (index: number): string => `sum ${index}`;
const slopeName = (index: number): string => `slope ${index}`;
/** The output that is the gradient of a window's pixels. */
const gradientName = 'gradient';

/** Where a tensor's positions are: in its last two axes, or in the last one, row by row. */
interface Layout {
  readonly sides: MapSides;
  readonly isFlat: boolean;
}

/** A sum over positions that the scalar is made of. */
interface Sum {
  readonly index: number;
  readonly stage: number;
  /** Of a window, over the positions that count. */
  readonly part: Tensor;
  /** What stands for the sum of all windows. */
  readonly known: Tensor;
}

/**
 * Takes a scalar of a picture apart, so that it can be computed window by window.
 * @param build the expression for a picture `[1, 3, H, W]`: the scalar `total`, and any other outputs that no positions are left in
 * @param pictureName of the picture among the inputs
 * @param whole the picture's height and width
 * @param window those of a window
 * @throws StyleError `E_GRAPH` that names the operation which does not work window by window
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = (x: graph.Tensor) => ({ total: graph.mean(graph.square(x)) });
 * const { stages, head } = graph.splitIntoWindows(energy, 'picture', [480, 640], [240, 320]);
 * console.log(Object.keys(stages[0]!.sums), Object.keys(head)); // [ 'sum 0' ], [ 'total', 'slope 0' ]
 * ```
 */
export function splitIntoWindows(
  build: (picture: Tensor) => NamedTensors,
  pictureName: string,
  whole: readonly [number, number],
  window: readonly [number, number],
): WindowedScalar {
  const at = (
    sides: readonly [number, number],
  ): { picture: Tensor; outputs: NamedTensors; order: Tensor[] } => {
    const picture = input(pictureName, [1, 3, ...sides]);
    const outputs = build(picture);
    return { picture, outputs, order: topologicalOrder(Object.values(outputs)) };
  };
  const [large, small] = [at(whole), at(window)];
  const splitter = new Splitter(whole);
  if (large.order.length !== small.order.length) throw notByWindows('an expression that depends on the size');
  large.order.forEach((tensor, index) => splitter.add(tensor, small.order[index]!));
  return splitter.result(large.outputs, small.picture);
}

class Splitter {
  /** Of the whole's expression: what there is without positions, with sums as inputs. */
  private readonly heads = new Map<Tensor, Tensor>();
  /** Of a window's expression, by the whole's tensor: with the sums before as inputs. */
  private readonly parts = new Map<Tensor, Tensor>();
  private readonly layouts = new Map<Tensor, Layout>();
  private readonly stages = new Map<Tensor, number>();
  private readonly sums: Sum[] = [];
  private readonly maps: Record<string, MapSides> = {};
  private mapValues = 0;
  private readonly marks: Record<string, Marks> = {};
  private readonly masks = new Map<string, Tensor>();
  /** How far a tensor's positions see, in pixels. */
  private readonly reaches = new Map<Tensor, number>();
  private alignment = 1;

  /** @param whole the picture's sides */
  constructor(private readonly whole: readonly [number, number]) {}

  /** @param part the same tensor in a window's expression */
  add(tensor: Tensor, part: Tensor): void {
    if (tensor.operator.name !== part.operator.name) throw notByWindows(tensor.operator.name);
    const hasPositions = !sameShape(tensor.shape, part.shape);
    this.stages.set(tensor, Math.max(0, ...tensor.inputs.map((x) => this.stages.get(x)!)));
    if (!hasPositions && tensor.inputs.some((x) => this.layouts.has(x))) return this.addSum(tensor);
    if (hasPositions) {
      this.layouts.set(tensor, this.layoutOf(tensor, part));
      this.reaches.set(tensor, this.reachOf(tensor));
      this.parts.set(tensor, this.rebuilt(part, tensor.inputs));
      return;
    }
    // Numbers such as how many positions there are belong to the whole.
    const same = this.rebuilt(tensor, tensor.inputs);
    this.parts.set(tensor, same);
    this.heads.set(tensor, same);
  }

  result(outputs: NamedTensors, window: Tensor): WindowedScalar {
    const picture = [...this.parts.values()].find(
      (part) => part.label === window.label && part.operator === window.operator,
    )!;
    const heads = Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => {
        const head = this.heads.get(output);
        if (head === undefined) throw notByWindows(output.operator.name);
        return [name, head];
      }),
    );
    const known = this.sums.map((one) => one.known);
    const slopes = gradients(heads['total']!, known);
    const count = Math.max(0, ...this.sums.map(({ stage }) => stage));
    return {
      stages: Array.from({ length: count }, (_, index) => this.stageOf(index + 1, picture)),
      head: { ...heads, ...Object.fromEntries(slopes.map((slope, index) => [slopeName(index), slope])) },
      maps: this.maps,
      mapValues: this.mapValues,
      radius: Math.max(0, ...this.reaches.values()),
      alignment: this.alignment,
      marks: this.marks,
    };
  }

  private stageOf(stage: number, picture: Tensor): WindowedStage {
    const own = this.sums.filter((one) => one.stage === stage);
    const before = this.sums.filter((one) => one.stage < stage);
    const products = own.map(({ index, part }) => sum(multiply(part, input(slopeName(index), part.shape))));
    const weighted = products.reduce((total, product) => add(total, product));
    const [gradient, ...slopes] = gradients(weighted, [picture, ...before.map(({ known }) => known)]);
    return {
      sums: Object.fromEntries(own.map(({ index, part }) => [sumName(index), part])),
      slopes: {
        [gradientName]: gradient!,
        ...Object.fromEntries(before.map(({ index }, i) => [slopeName(index), slopes[i]!])),
      },
    };
  }

  private rebuilt(tensor: Tensor, inputs: readonly Tensor[]): Tensor {
    const parts = inputs.map((x) => this.parts.get(x)!);
    return parts.every((part, index) => part === tensor.inputs[index])
      ? tensor
      : { ...tensor, inputs: parts };
  }

  /** A tensor without positions that is made of one with them. */
  private addSum(tensor: Tensor): void {
    const part = this.sumOver(tensor);
    const index = this.sums.length;
    const known = input(sumName(index), tensor.shape);
    const stage = this.stages.get(tensor)! + 1;
    this.sums.push({ index, stage, part, known });
    this.stages.set(tensor, stage);
    this.parts.set(tensor, known);
    this.heads.set(tensor, known);
  }

  /** What a window adds to a sum over all positions. */
  private sumOver(tensor: Tensor): Tensor {
    const { operator, inputs, attributes } = tensor;
    const [first, second] = inputs as [Tensor, Tensor?];
    const counted = (x: Tensor): Tensor => multiply(this.parts.get(x)!, this.maskOf(this.layouts.get(x)!));
    if (operator.name === 'sum' || operator.name === 'mean') {
      const { axes, keepAxes } = attributes as { axes: number[]; keepAxes: boolean };
      const total = sum(counted(first), axes, keepAxes);
      const positions = sizeOf(axes.map((axis) => first.shape[axis]!));
      return operator.name === 'sum' ? total : multiply(total, 1 / positions);
    }
    const { transposeA, transposeB } = attributes as Record<string, boolean>;
    if (operator.name === 'matmul' && !transposeA && transposeB && this.layouts.get(first)?.isFlat === true) {
      // Of a Gram matrix both factors are the same tensor, whose gradient is one product.
      const factor = counted(first);
      return matmul(factor, first === second ? factor : this.parts.get(second!)!, { transposeB: true });
    }
    throw notByWindows(operator.name);
  }

  /** @throws StyleError `E_GRAPH` for an operation that moves positions in a way that is not known */
  private reachOf(tensor: Tensor): number {
    const { operator, inputs, attributes } = tensor;
    const before = Math.max(0, ...inputs.map((x) => this.reaches.get(x) ?? 0));
    const from = inputs.find((x) => this.layouts.has(x));
    const { sides } = this.layouts.get(tensor)!;
    this.alignment = Math.max(this.alignment, this.stepOf(sides));
    if (from === undefined) return before;
    const own = operator.reach?.(tensor, attributes);
    const fromSides = this.layouts.get(from)!.sides;
    if (own === undefined && !sameShape(sides.whole, fromSides.whole)) throw notByWindows(operator.name);
    return before + (own ?? 0) * this.stepOf(fromSides);
  }

  /** Pixels between two positions of a map. */
  private stepOf({ whole }: MapSides): number {
    return 2 ** Math.round(Math.log2(this.whole[0] / whole[0]));
  }

  private layoutOf(tensor: Tensor, part: Tensor): Layout {
    if (tensor.shape.length === 4) {
      const sides = { window: sidesOf(part), whole: sidesOf(tensor) };
      if (tensor.operator === inputOperator) {
        this.maps[tensor.label!] = sides;
        this.mapValues += sizeOf(tensor.shape);
      }
      if (tensor.operator === constantOperator) throw notByWindows('a constant map');
      return { sides, isFlat: false };
    }
    const from = tensor.inputs.map((x) => this.layouts.get(x)).find((layout) => layout !== undefined);
    if (from === undefined) throw notByWindows(tensor.operator.name);
    const [rows, columns] = from.sides.whole;
    const isFlat = from.isFlat || tensor.shape.at(-1) === rows * columns;
    if (!isFlat && !sameShape(tensor.shape.slice(-2), from.sides.whole))
      throw notByWindows(tensor.operator.name);
    return { sides: from.sides, isFlat };
  }

  /** 1 where a position counts, `[rows, columns]` or `[rows * columns]`. */
  private maskOf({ sides, isFlat }: Layout): Tensor {
    const { window, whole } = sides;
    const key = `${window.join('x')} of ${whole.join('x')}`;
    const marks = (axis: 'rows' | 'columns'): Tensor => {
      const index = axis === 'rows' ? 0 : 1;
      const name = `${axis} ${window[index]} of ${whole[index]}`;
      this.marks[name] = { axis, positions: window[index] };
      return this.remembered(name, () => input(name, axis === 'rows' ? [window[0], 1] : [1, window[1]]));
    };
    const mask = this.remembered(key, () => matmul(marks('rows'), marks('columns')));
    return isFlat ? this.remembered(`${key} flat`, () => reshape(mask, [window[0] * window[1]])) : mask;
  }

  /** One tensor for each name: inputs must not be there twice. */
  private remembered(name: string, make: () => Tensor): Tensor {
    const mask = this.masks.get(name) ?? make();
    this.masks.set(name, mask);
    return mask;
  }
}

const sidesOf = ({ shape }: Tensor): readonly [number, number] => [shape[2]!, shape[3]!];

const notByWindows = (what: string): StyleError =>
  new StyleError(
    'E_GRAPH',
    `A loss with ${what} can't be computed part by part.`,
    'Use a smaller size, or a loss without it.',
  );
