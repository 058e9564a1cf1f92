import { gradients } from './gradients.js';
import type { NamedTensors } from './onnx.js';
import { add, multiply } from './operators/arithmetic.js';
import { sum } from './operators/broadcasting.js';
import { reshape } from './operators/layout.js';
import { matmul } from './operators/matrix.js';
import { sameShape, sizeOf } from './shape.js';
import { input, type Tensor } from './tensor.js';
import { topologicalOrder } from './traversal.js';
import {
  notByWindows,
  pixelsBetween,
  segmentOf,
  type BuiltExpression,
  type Cut,
  type PositionedExpression,
} from './windows.js';

/*
 * A scalar of a picture, such as a loss, computed window by window. What it takes of maps are sums over positions: Gram matrices, means,
 * squared differences. So three kinds of graphs do the whole: the sums of one window, over the positions that are its own; the scalar
 * and its derivatives with respect to the sums, from the sums of all windows together; and the gradient of a window's pixels, from
 * those derivatives. Nothing is approximated. Sums of what depends on other sums, such as a variance around a mean, come in a later
 * stage, when these are known.
 *
 * Windows have to overlap as far as positions see, which deep in a network is far. So the expression may be cut at maps: a segment gives
 * such a map of the whole picture, window by window, and the next one is computed from it as the first one is from the picture, in
 * windows of its own or at once. In front of a cut windows hardly overlap, and behind it there are few positions. Gradients go the same
 * way back: that with respect to the map takes the place that derivatives with respect to sums have.
 */

/** A scalar of a picture, as {@link splitIntoWindows} takes it apart. */
export interface WindowedScalar {
  /** What is computed in windows, in forward order. */
  readonly segments: readonly WindowedSegment[];
  /**
   * What is computed at once: the outputs, of the sums of all segments and, where the last cut has no segment behind it, of its map;
   * where `total` is one, also `slope of ...`: the derivatives of the total with respect to these.
   */
  readonly head: NamedTensors;
}

/** What is computed from the picture, or from the map at a cut. */
export interface WindowedSegment {
  /** The name of the input that it is computed from. */
  readonly source: string;
  readonly stages: readonly WindowedStage[];
  /** Inputs and outputs that are maps: of each, how many rows and columns a window's part and the whole have. */
  readonly maps: Readonly<Record<string, MapShape>>;
  /** The marks of positions that count, 1 or 0 for each row or column, by the names of their inputs. */
  readonly marks: Readonly<Record<string, Marks>>;
}

/** Sums, and maps, that depend on the same earlier sums. */
export interface WindowedStage {
  /** `sum N` of a window, and its part of maps. */
  readonly values: NamedTensors;
  /**
   * From the slopes of the stage's sums and of the map at the next cut: `gradient` of the window's source, and `slope of sum N`, to be
   * added up, of earlier sums. Nothing where nothing depends on the stage.
   */
  readonly slopes: NamedTensors;
}

/** Rows and columns of a map. */
export interface MapSides {
  readonly window: readonly [rows: number, columns: number];
  readonly whole: readonly [rows: number, columns: number];
}

export interface MapShape extends MapSides {
  readonly channels: number;
}

export interface Marks {
  readonly axis: 'rows' | 'columns';
  /** Along the axis, of a window's map. */
  readonly positions: number;
}

/** The names of the inputs and outputs that stand for a sum, for the map at a cut, and for the derivatives with respect to them. */
const sumName = (index: number): string => `sum ${index}`;
/** @param segment the one that begins there */
const cutName = (segment: number): string => `cut ${segment}`;
const slopeName = (name: string): string => `slope of ${name}`;
/** The output that is the gradient of a window's source. */
const gradientName = 'gradient';

/** A sum over positions that the scalar is made of, or a map that is wanted as a whole. */
interface Part {
  readonly name: string;
  readonly segment: number;
  readonly stage: number;
  /** Of a window; of a sum over the positions that count. */
  readonly part: Tensor;
  /** Of a sum, what stands for that of all windows. */
  readonly known?: Tensor;
  /** Of the map at a cut, the marks of what counts of it. */
  readonly mask?: Tensor;
}

/**
 * Takes a scalar of a picture apart, so that it can be computed window by window.
 * @param expression its outputs: the scalar `total`, and any others; those with positions are maps, which windows give their parts of.
 * Without a `total` nothing is differentiated
 * @param windows height and width of the windows of each segment, in positions of what it is computed from
 * @param cuts where segments end, of those of the expression; where there are as many as kinds of windows, what is behind the last one is
 * computed at once
 * @throws StyleError `E_GRAPH` that names the operation which does not work window by window
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = (x: graph.Tensor) => ({ total: graph.mean(graph.square(x)) });
 * const expression = graph.findPositions(energy, 'picture', [480, 640]);
 * const { segments, head } = graph.splitIntoWindows(expression, [[240, 320]]);
 * console.log(Object.keys(segments[0]!.stages[0]!.values), Object.keys(head)); // [ 'sum 0' ], [ 'total', 'slope of sum 0' ]
 * ```
 */
export function splitIntoWindows(
  expression: PositionedExpression,
  windows: readonly (readonly [rows: number, columns: number])[],
  cuts: readonly Cut[] = [],
): WindowedScalar {
  return new Splitter(expression, windows, cuts).result();
}

/** What is computed from one source. */
interface Segment {
  readonly source: Tensor;
  readonly name: string;
  /** The expression of a picture whose map at the cut is a window. */
  readonly window: BuiltExpression;
  /** Of the window's expression, by the whole's tensor, what has positions. */
  readonly parts: Map<Tensor, Tensor>;
  readonly maps: Record<string, MapShape>;
  readonly marks: Record<string, Marks>;
  readonly masks: Map<string, Tensor>;
}

class Splitter {
  /** Of the whole's expression: what there is without positions, with sums as inputs; and what is computed at once. */
  private readonly heads = new Map<Tensor, Tensor>();
  /** How many of its segment's sums, one made of the other, a tensor is made of. */
  private readonly stages = new Map<Tensor, number>();
  private readonly parts: Part[] = [];
  private readonly segments: readonly Segment[];
  private sums = 0;

  constructor(
    private readonly expression: PositionedExpression,
    windows: readonly (readonly [number, number])[],
    private readonly cuts: readonly Cut[],
  ) {
    const { picture, order } = expression;
    const sources = [picture, ...cuts.map(({ map }) => map)];
    this.segments = windows.map((sides, index) => {
      const source = sources[index]!;
      const step = pixelsBetween(picture.shape[2]!, source.shape[2]!);
      const window = expression.at([sides[0] * step, sides[1] * step]);
      const map = window.order[order.indexOf(source)]!;
      if (!sameShape(map.shape.slice(2), sides)) throw notByWindows(source.operator.name);
      const name = index === 0 ? picture.label! : cutName(index);
      const parts = new Map([[source, index === 0 ? map : input(name, map.shape)]]);
      const maps = { [name]: shapeOf(source, map) };
      return { source, name, window, parts, maps, marks: {}, masks: new Map<string, Tensor>() };
    });
    order.forEach((tensor, position) => this.add(tensor, position));
  }

  result(): WindowedScalar {
    const { outputs } = this.expression;
    const heads = new Map<string, Tensor>();
    for (const [name, output] of Object.entries(outputs)) {
      const isInWindows = segmentOf(output, this.cuts) < this.segments.length;
      if (isInWindows && this.expression.layouts.has(output)) this.addMap(name, output);
      else heads.set(name, this.heads.get(output)!);
    }
    const total = heads.get('total');
    const atOnce = this.cuts[this.segments.length - 1];
    const known = this.parts.flatMap((part) => (part.known === undefined ? [] : [part.known]));
    if (atOnce !== undefined) known.push(this.heads.get(atOnce.map)!);
    const slopes = total === undefined ? [] : gradients(total, known);
    return {
      segments: this.segments.map((segment, index) => ({
        source: segment.name,
        stages: this.stagesOf(index, total !== undefined),
        maps: segment.maps,
        marks: segment.marks,
      })),
      head: {
        ...Object.fromEntries(heads),
        ...Object.fromEntries(slopes.map((slope, index) => [slopeName(known[index]!.label!), slope])),
      },
    };
  }

  /** @param position in the order of the expression, whatever it is built for */
  private add(tensor: Tensor, position: number): void {
    const { layouts, ofPicture } = this.expression;
    const index = segmentOf(tensor, this.cuts);
    const stages = tensor.inputs
      .filter((x) => segmentOf(x, this.cuts) === index)
      .map((x) => this.stages.get(x)!);
    this.stages.set(tensor, Math.max(0, ...stages));
    const isAtOnce = index === this.segments.length;
    if (layouts.has(tensor)) {
      // Targets may be compared with any segment's maps.
      const at = ofPicture.has(tensor) ? this.segments.slice(index, index + 1) : this.segments;
      for (const segment of at) this.addPart(tensor, segment, segment.window.order[position]!);
      const cut = this.cuts.findIndex(({ map }) => map === tensor);
      if (cut >= 0) return this.addCut(tensor, cut + 1);
      if (isAtOnce || !ofPicture.has(tensor)) this.heads.set(tensor, this.rebuiltAtOnce(tensor));
      return;
    }
    if (!isAtOnce && tensor.inputs.some((x) => layouts.has(x))) return this.addSum(tensor, index);
    this.heads.set(tensor, this.rebuiltAtOnce(tensor));
  }

  private addPart(tensor: Tensor, segment: Segment, inWindow: Tensor): void {
    if (tensor === segment.source) return;
    if (inWindow.inputs.length === 0 && this.expression.layouts.get(tensor)!.map === tensor)
      segment.maps[tensor.label!] = shapeOf(tensor, inWindow);
    const inputs = tensor.inputs.map((x) => this.inSegment(x, segment));
    segment.parts.set(tensor, rebuilt(inWindow, inputs));
  }

  /** What stands for a tensor in a window's expression: numbers such as how many positions there are belong to the whole. */
  private inSegment(tensor: Tensor, segment: Segment): Tensor {
    const found = segment.parts.get(tensor) ?? this.heads.get(tensor);
    if (found === undefined) throw notByWindows(tensor.operator.name);
    return found;
  }

  private rebuiltAtOnce(tensor: Tensor): Tensor {
    return rebuilt(
      tensor,
      tensor.inputs.map((x) => this.heads.get(x)!),
    );
  }

  /** The map at a cut. @param next the number of the segment that begins there */
  private addCut(map: Tensor, next: number): void {
    if (next === this.segments.length) this.heads.set(map, input(cutName(next), map.shape));
    const segment = this.segments[next - 1]!;
    const mask = this.maskOf(map, segment);
    this.addMap(cutName(next), map, mask);
    segment.maps[slopeName(cutName(next))] = segment.maps[cutName(next)]!;
  }

  private addMap(name: string, map: Tensor, mask?: Tensor): void {
    const index = segmentOf(map, this.cuts);
    const segment = this.segments[index]!;
    const part = this.inSegment(map, segment);
    segment.maps[name] = shapeOf(map, part);
    const stage = this.stages.get(map)! + 1;
    this.parts.push({ name, segment: index, stage, part, ...(mask && { mask }) });
  }

  /** A tensor without positions that is made of one with them. */
  private addSum(tensor: Tensor, index: number): void {
    const part = this.sumOver(tensor, this.segments[index]!);
    const name = sumName(this.sums);
    const known = input(name, tensor.shape);
    const stage = this.stages.get(tensor)! + 1;
    this.sums += 1;
    this.parts.push({ name, segment: index, stage, part, known });
    this.stages.set(tensor, stage);
    this.heads.set(tensor, known);
  }

  /** What a window adds to a sum over all positions. */
  private sumOver(tensor: Tensor, segment: Segment): Tensor {
    const { operator, inputs, attributes } = tensor;
    const [first, second] = inputs as [Tensor, Tensor?];
    const counted = (x: Tensor): Tensor => multiply(this.inSegment(x, segment), this.maskOf(x, segment));
    if (operator.name === 'sum' || operator.name === 'mean') {
      const { axes, keepAxes } = attributes as { axes: number[]; keepAxes: boolean };
      const total = sum(counted(first), axes, keepAxes);
      const positions = sizeOf(axes.map((axis) => first.shape[axis]!));
      return operator.name === 'sum' ? total : multiply(total, 1 / positions);
    }
    const { transposeA, transposeB } = attributes as Record<string, boolean>;
    const isFlat = this.expression.layouts.get(first)?.isFlat === true;
    if (operator.name === 'matmul' && !transposeA && transposeB && isFlat) {
      // Of a Gram matrix both factors are the same tensor, whose gradient is one product.
      const factor = counted(first);
      const other = first === second ? factor : this.inSegment(second!, segment);
      return matmul(factor, other, { transposeB: true });
    }
    throw notByWindows(operator.name);
  }

  private stagesOf(index: number, isDifferentiated: boolean): WindowedStage[] {
    const ofSegment = this.parts.filter(({ segment }) => segment === index);
    const count = Math.max(0, ...ofSegment.map(({ stage }) => stage));
    const stages = Array.from({ length: count }, (_, i) => ofSegment.filter(({ stage }) => stage === i + 1));
    return stages
      .filter((own) => own.length > 0)
      .map((own) => ({
        values: Object.fromEntries(own.map(({ name, part }) => [name, part])),
        slopes: isDifferentiated ? this.slopesOf(own, this.segments[index]!) : {},
      }));
  }

  private slopesOf(own: readonly Part[], { source, parts }: Segment): NamedTensors {
    const products = own.flatMap(({ name, part, known, mask }) => {
      if (known === undefined && mask === undefined) return [];
      const product = multiply(part, input(slopeName(name), part.shape));
      return [sum(mask === undefined ? product : multiply(product, mask))];
    });
    if (products.length === 0) return {};
    const weighted = products.reduce((total, product) => add(total, product));
    const used = new Set(topologicalOrder([weighted]));
    const before = this.parts.flatMap(({ known }) => (known !== undefined && used.has(known) ? [known] : []));
    const [gradient, ...slopes] = gradients(weighted, [parts.get(source)!, ...before]);
    return {
      [gradientName]: gradient!,
      ...Object.fromEntries(before.map(({ label }, i) => [slopeName(label!), slopes[i]!])),
    };
  }

  /** 1 where a position counts, `[rows, columns]` or `[rows * columns]`. */
  private maskOf(tensor: Tensor, { parts, marks, masks }: Segment): Tensor {
    const { map, sides, isFlat } = this.expression.layouts.get(tensor)!;
    const window = parts.get(map)!.shape.slice(2) as [number, number];
    const key = `${window.join('x')} of ${sides.join('x')}`;
    /** One tensor for each name: inputs must not be there twice. */
    const remembered = (name: string, make: () => Tensor): Tensor => {
      const mask = masks.get(name) ?? make();
      masks.set(name, mask);
      return mask;
    };
    const marksOf = (axis: 'rows' | 'columns'): Tensor => {
      const index = axis === 'rows' ? 0 : 1;
      const name = `${axis} ${window[index]} of ${sides[index]}`;
      marks[name] = { axis, positions: window[index] };
      return remembered(name, () => input(name, axis === 'rows' ? [window[0], 1] : [1, window[1]]));
    };
    const mask = remembered(key, () => matmul(marksOf('rows'), marksOf('columns')));
    return isFlat ? remembered(`${key} flat`, () => reshape(mask, [window[0] * window[1]])) : mask;
  }
}

const rebuilt = (tensor: Tensor, inputs: readonly Tensor[]): Tensor =>
  inputs.every((part, index) => part === tensor.inputs[index]) ? tensor : { ...tensor, inputs };

const shapeOf = ({ shape }: Tensor, part: Tensor): MapShape => ({
  window: [part.shape[2]!, part.shape[3]!],
  whole: [shape[2]!, shape[3]!],
  channels: shape[0]! * shape[1]!,
});
