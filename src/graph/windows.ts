import { StyleError } from '../errors.js';
import type { NamedTensors } from './onnx.js';
import { sameShape } from './shape.js';
import { constantOperator, input, type Tensor } from './tensor.js';
import { topologicalOrder } from './traversal.js';

/*
 * What of an expression has positions, how far these see, and where it can be cut, so that it can be computed window by window. It is
 * built for two sizes of the picture: a tensor whose shape differs has positions, and what is made of such a one and has none is a sum
 * over them. The graphs that come of it are in `window-graphs.ts`.
 */

/** An expression of a picture, and what of it has positions. */
export interface PositionedExpression {
  /** The same for a picture of other sides, tensor by tensor in the same order. */
  at(sides: readonly [rows: number, columns: number]): BuiltExpression;
  readonly outputs: NamedTensors;
  /** Every tensor after its inputs. */
  readonly order: readonly Tensor[];
  readonly picture: Tensor;
  /** Of every tensor with positions, where they are. */
  readonly layouts: ReadonlyMap<Tensor, Layout>;
  /** What has positions and comes of the picture: targets, which are inputs, do not. */
  readonly ofPicture: ReadonlySet<Tensor>;
  /** Whether the picture goes on at its other side wherever something sees beyond one, as a texture that repeats does. */
  readonly repeats: boolean;
  /** Where it can be cut, in forward order, each behind the one before. */
  readonly cuts: readonly Cut[];
}

export interface BuiltExpression {
  readonly outputs: NamedTensors;
  readonly order: readonly Tensor[];
  readonly picture: Tensor;
}

/** Where a tensor's positions are: in its last two axes, or in the last one, row by row. */
export interface Layout {
  readonly sides: readonly [rows: number, columns: number];
  readonly isFlat: boolean;
  /** A map `[N, C, H, W]` that has the same positions. */
  readonly map: Tensor;
}

/** A map of fewer positions than those before it, through which everything that comes after it sees the picture. */
export interface Cut {
  readonly map: Tensor;
  /** What comes after it. */
  readonly behind: ReadonlySet<Tensor>;
}

/** What a segment, the part of an expression from one cut to the next, asks of its windows. */
export interface SegmentNeeds {
  /** Of the map that it is computed from. */
  readonly sides: readonly [rows: number, columns: number];
  /** How far its positions see, in those of that map to each side: windows reach as far beyond what counts of them. */
  readonly radius: number;
  /** Such positions between two of its coarsest map: windows begin at multiples of it. */
  readonly alignment: number;
  /** Whether windows go on at the other side of the map. */
  readonly repeats: boolean;
}

/**
 * Finds what of an expression has positions.
 * @param build the expression for a picture `[1, 3, H, W]`
 * @param pictureName of the picture among the inputs
 * @param whole the picture's height and width
 * @throws StyleError `E_GRAPH` that names the operation which does not work window by window
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = (x: graph.Tensor) => ({ total: graph.mean(graph.square(graph.averagePool(x, 2))) });
 * const { cuts } = graph.findPositions(energy, 'picture', [480, 640]);
 * console.log(cuts[0]?.map.shape); // [1, 3, 240, 320]
 * ```
 */
export function findPositions(
  build: (picture: Tensor) => NamedTensors,
  pictureName: string,
  whole: readonly [number, number],
): PositionedExpression {
  const at = (sides: readonly [number, number]): BuiltExpression => {
    const picture = input(pictureName, [1, 3, ...sides]);
    const outputs = build(picture);
    return { picture, outputs, order: topologicalOrder(Object.values(outputs)) };
  };
  const one = at(whole);
  const other = at([whole[0] + otherBy, whole[1] + otherBy]);
  if (one.order.length !== other.order.length) throw notByWindows('an expression that depends on the size');
  const layouts = new Map<Tensor, Layout>();
  const ofPicture = new Set<Tensor>();
  one.order.forEach((tensor, index) => {
    const twin = other.order[index]!;
    if (tensor.operator.name !== twin.operator.name) throw notByWindows(tensor.operator.name);
    if (sameShape(tensor.shape, twin.shape)) return;
    layouts.set(tensor, layoutOf(tensor, layouts));
    if (tensor === one.picture || tensor.inputs.some((x) => ofPicture.has(x))) ofPicture.add(tensor);
  });
  const positions = {
    ...one,
    at,
    layouts,
    ofPicture,
    repeats: repeats({ ...one, layouts, ofPicture }, whole),
  };
  const cuts = one.order.flatMap((map) => {
    const behind = isCoarser(map, positions) ? whatIsBehind(map, positions) : undefined;
    return behind === undefined ? [] : [{ map, behind }];
  });
  return { ...positions, cuts: longestChain(cuts) };
}

/** @throws StyleError `E_GRAPH` where some of the sides are open and others are not */
function repeats(
  { order, layouts, ofPicture }: Pick<Positions, 'order' | 'layouts' | 'ofPicture'>,
  whole: readonly [number, number],
): boolean {
  const seen = order.filter((tensor) => ofPicture.has(tensor) && layouts.has(tensor));
  const borders = new Set(seen.flatMap((x) => x.operator.border?.(x, x.attributes) ?? []));
  if (!borders.has('circular')) return false;
  if (borders.size > 1) throw notByWindows('borders of which some are circular');
  // Of maps that are padded or cut at their sides, the windows at the sides would count other positions than the whole does.
  for (const tensor of order.filter((x) => !layouts.has(x))) {
    const sides = tensor.inputs.flatMap((x) => layouts.get(x)?.sides ?? []);
    if (sides.some((length, i) => whole[i % 2]! % length !== 0)) throw notByWindows('circular borders');
  }
  return true;
}

/** Cuts of which each is behind the one before, from the one with the most behind it: others would divide what is no chain. */
function longestChain(cuts: readonly Cut[]): Cut[] {
  const chain: Cut[] = [];
  for (const cut of [...cuts].sort((one, other) => other.behind.size - one.behind.size)) {
    const last = chain.at(-1);
    if (last === undefined || last.behind.has(cut.map)) chain.push(cut);
  }
  return chain;
}

/** Pixels that the second size has more: a position of the coarsest maps that there are. */
const otherBy = 16;

/**
 * What the segments of an expression ask of their windows, the first one's source being the picture.
 * @param cuts where one ends and the next begins, in forward order
 * @throws StyleError `E_GRAPH` for an operation that moves positions in a way that is not known
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = (x: graph.Tensor) => ({ total: graph.mean(graph.square(graph.averagePool(x, 2))) });
 * const expression = graph.findPositions(energy, 'picture', [480, 640]);
 * console.log(graph.segmentNeeds(expression, expression.cuts).map(({ sides }) => sides)); // [480, 640], [240, 320]
 * ```
 */
export function segmentNeeds(expression: PositionedExpression, cuts: readonly Cut[]): SegmentNeeds[] {
  const { order, layouts, picture, repeats } = expression;
  const pixels = picture.shape[2]!;
  const sources = [picture, ...cuts.map(({ map }) => map)];
  /** In pixels, from the segment's source. */
  const reaches = new Map<Tensor, number>();
  const needs = sources.map((source) => ({ step: stepOf(source, layouts, pixels), radius: 0, coarsest: 1 }));
  for (const tensor of order) {
    const layout = layouts.get(tensor);
    if (layout === undefined) continue;
    const segment = segmentOf(tensor, cuts);
    const need = needs[segment]!;
    const reach = reachOf(tensor, layouts, reaches, pixels, sources[segment]!);
    need.radius = Math.max(need.radius, reach);
    need.coarsest = Math.max(need.coarsest, stepOf(tensor, layouts, pixels));
    reaches.set(tensor, reach);
  }
  return needs.map(({ step, radius, coarsest }, segment) => ({
    sides: layouts.get(sources[segment]!)!.sides,
    radius: Math.ceil(radius / step),
    alignment: Math.max(1, coarsest / step),
    repeats,
  }));
}

/**
 * The number of cuts that a tensor is behind.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * const energy = (x: graph.Tensor) => ({ total: graph.mean(graph.square(graph.averagePool(x, 2))) });
 * const { cuts, outputs } = graph.findPositions(energy, 'picture', [480, 640]);
 * console.log(graph.segmentOf(outputs['total']!, cuts)); // 1
 * ```
 */
export const segmentOf = (tensor: Tensor, cuts: readonly Cut[]): number =>
  cuts.filter(({ behind }) => behind.has(tensor)).length;

type Positions = Omit<PositionedExpression, 'cuts'>;

/** Whether a map has fewer positions than what it is made of. */
function isCoarser(tensor: Tensor, { layouts, ofPicture }: Positions): boolean {
  const layout = layouts.get(tensor);
  if (layout?.map !== tensor || tensor.dtype !== 'float32' || !ofPicture.has(tensor)) return false;
  const from = tensor.inputs.find((x) => ofPicture.has(x));
  return from !== undefined && layout.sides[0] < layouts.get(from)!.sides[0];
}

/** All that is computed of a map; undefined where that is nothing, or needs the picture beside the map, or comes before it. */
function whatIsBehind(map: Tensor, { order, ofPicture }: Positions): Set<Tensor> | undefined {
  const behind = new Set<Tensor>();
  const isAfter = (x: Tensor): boolean => x === map || behind.has(x);
  for (const tensor of order) {
    if (tensor === map || !tensor.inputs.some(isAfter)) continue;
    if (tensor.inputs.some((x) => ofPicture.has(x) && !isAfter(x))) return undefined;
    behind.add(tensor);
  }
  return behind.size === 0 ? undefined : behind;
}

/** @throws StyleError `E_GRAPH` for an operation that moves positions in a way that is not known */
function reachOf(
  tensor: Tensor,
  layouts: ReadonlyMap<Tensor, Layout>,
  reaches: ReadonlyMap<Tensor, number>,
  pixels: number,
  source: Tensor,
): number {
  const { operator, inputs, attributes } = tensor;
  const before = Math.max(0, ...inputs.map((x) => (x === source ? 0 : (reaches.get(x) ?? 0))));
  const from = inputs.find((x) => layouts.has(x));
  if (from === undefined) return before;
  const own = operator.reach?.(tensor, attributes);
  const { sides } = layouts.get(tensor)!;
  if (own === undefined && !sameShape(sides, layouts.get(from)!.sides)) throw notByWindows(operator.name);
  return before + (own ?? 0) * stepOf(from, layouts, pixels);
}

/**
 * Pixels of a picture between two positions of a map along an axis: a power of two, however the map was rounded.
 * @example
 * ```ts
 * import { graph } from 'pastiche/engine';
 *
 * console.log(graph.pixelsBetween(481, 60)); // 8
 * ```
 */
export const pixelsBetween = (pixels: number, positions: number): number =>
  2 ** Math.round(Math.log2(pixels / positions));

/** Pixels between two positions. @param pixels the picture's rows */
const stepOf = (tensor: Tensor, layouts: ReadonlyMap<Tensor, Layout>, pixels: number): number =>
  pixelsBetween(pixels, layouts.get(tensor)!.sides[0]);

function layoutOf(tensor: Tensor, layouts: ReadonlyMap<Tensor, Layout>): Layout {
  if (tensor.shape.length === 4) {
    if (tensor.operator === constantOperator) throw notByWindows('a constant map');
    return { sides: [tensor.shape[2]!, tensor.shape[3]!], isFlat: false, map: tensor };
  }
  const from = tensor.inputs.map((x) => layouts.get(x)).find((layout) => layout !== undefined);
  if (from === undefined) throw notByWindows(tensor.operator.name);
  const [rows, columns] = from.sides;
  const isFlat = from.isFlat || tensor.shape.at(-1) === rows * columns;
  if (!isFlat && !sameShape(tensor.shape.slice(-2), from.sides)) throw notByWindows(tensor.operator.name);
  return { ...from, isFlat };
}

/** The error for an expression that has to be computed at once. */
export const notByWindows = (what: string): StyleError =>
  new StyleError(
    'E_GRAPH',
    `A loss with ${what} can't be computed part by part.`,
    'Use a smaller size, or a loss without it.',
  );
