import {
  segmentNeeds,
  segmentOf,
  sizeOf,
  type Cut,
  type PositionedExpression,
  type SegmentNeeds,
  type Tensor,
} from '../../graph/index.js';
import { windowsOf } from './windows.js';

/** How an expression of a picture is computed in windows. */
export interface WindowForm {
  /** Where it is cut, in forward order; of as many as segments, what is behind the last one is computed at once. */
  readonly cuts: readonly Cut[];
  /** What is computed in windows. */
  readonly segments: readonly WindowedNeeds[];
}

/** A segment, and the side of its windows' cores in positions of its source. */
export interface WindowedNeeds {
  readonly needs: SegmentNeeds;
  readonly side: number;
}

/** More cuts save little, and each is a map to hold. */
const mostCuts = 2;
/** The most windows along the longer side that are tried for a segment. */
const mostWindows = 16;

/** Operations, and bytes of memory, of the whole or of a part. */
interface Work {
  readonly operations: number;
  readonly bytes: number;
}

/**
 * The form of an expression that takes the fewest operations in as much memory as windows of a side take without cuts. Both are estimates
 * from the expression alone, so that hundreds of forms can be compared; a plan counts the graphs of the one that is chosen.
 * @param side of windows, in pixels
 */
export function chooseWindows(expression: PositionedExpression, side: number): WindowForm {
  const works = new SegmentWorks(expression);
  const [uncut] = segmentNeeds(expression, []) as [SegmentNeeds];
  const given = { needs: uncut, side };
  let best = {
    form: { cuts: [], segments: [given] } as WindowForm,
    work: works.inWindows(0, undefined, given),
  };
  const room = best.work.bytes;
  for (const cuts of someOf(expression.cuts)) {
    const levels = [0, ...cuts.map((cut) => expression.cuts.indexOf(cut) + 1)];
    const held = cuts.map((cut) => works.held(cut));
    const options = segmentNeeds(expression, cuts).map((needs, index) =>
      sidesFor(needs).map((one): { segment: WindowedNeeds; work: Work } => {
        const segment = { needs, side: one };
        return { segment, work: works.inWindows(levels[index]!, levels[index + 1], segment) };
      }),
    );
    const whole = cuts.length === 0 ? [] : [works.atOnce(levels.at(-1)!)];
    const forms = [
      ...combinations(options).map((chosen) => ({ chosen, others: held })),
      ...whole.flatMap((one) =>
        combinations(options.slice(0, -1)).map((chosen) => ({ chosen, others: [...held, one] })),
      ),
    ];
    for (const { chosen, others } of forms) {
      const work = sumOf([...chosen.map((one) => one.work), ...others]);
      const isBetter = work.operations < best.work.operations;
      if (work.bytes > room || !isBetter) continue;
      best = { form: { cuts, segments: chosen.map(({ segment }) => segment) }, work };
    }
  }
  return best.form;
}

/** What the segments of an expression take, whichever cuts they lie between. */
class SegmentWorks {
  /** By the number of possible cuts that tensors are behind. */
  private readonly levels: { operations: number; kept: number; widest: number }[];
  private readonly isDifferentiated: boolean;

  constructor(expression: PositionedExpression) {
    const { cuts, order, layouts, ofPicture, outputs } = expression;
    this.isDifferentiated = 'total' in outputs;
    this.levels = Array.from({ length: cuts.length + 1 }, () => ({ operations: 0, kept: 0, widest: 0 }));
    for (const tensor of order) {
      const level = this.levels[segmentOf(tensor, cuts)]!;
      const { operator, attributes, inputs } = tensor;
      level.operations += operator.operations?.(tensor, attributes) ?? 0;
      if (!layouts.has(tensor) || !ofPicture.has(tensor) || operator.memory === 'view') continue;
      const maps = [...new Set(inputs)].filter((x) => ofPicture.has(x));
      const isNew = operator.memory !== 'inPlace';
      level.kept += isNew ? bytesOf(tensor) : 0;
      level.widest = Math.max(
        level.widest,
        [...maps, ...(isNew ? [tensor] : [])].reduce((sum, one) => sum + bytesOf(one), 0),
      );
    }
  }

  /** From one level to before another: in windows, forwards once for the sums and once more for the gradient. */
  inWindows(from: number, to: number | undefined, { needs, side }: WindowedNeeds): Work {
    const { operations, kept, widest } = this.between(from, to);
    const windows = windowsOf(needs, side);
    const { rows, columns } = windows[0]!;
    const share = (rows.length * columns.length) / (needs.sides[0] * needs.sides[1]);
    const [passes, bytes] = this.isDifferentiated ? [3, kept + 2 * widest] : [1, widest];
    return { operations: passes * operations * share * windows.length, bytes: bytes * share };
  }

  /** All that is behind a cut, with its gradient. */
  atOnce(from: number): Work {
    const { operations, kept, widest } = this.between(from);
    return this.isDifferentiated
      ? { operations: 2 * operations, bytes: kept + 2 * widest }
      : { operations, bytes: widest };
  }

  /** The map at a cut, and the gradient with respect to it. */
  held({ map }: Cut): Work {
    return { operations: 0, bytes: (this.isDifferentiated ? 2 : 1) * bytesOf(map) };
  }

  private between(from: number, to?: number): { operations: number; kept: number; widest: number } {
    return this.levels.slice(from, to).reduce((all, one) => ({
      operations: all.operations + one.operations,
      kept: all.kept + one.kept,
      widest: Math.max(all.widest, one.widest),
    }));
  }
}

const bytesOf = ({ shape }: Tensor): number => 4 * sizeOf(shape);

const sumOf = (works: readonly Work[]): Work =>
  works.reduce((all, one) => ({
    operations: all.operations + one.operations,
    bytes: all.bytes + one.bytes,
  }));

/** Sides that cores may have, from the whole down. */
function sidesFor({ sides, alignment }: SegmentNeeds): number[] {
  const length = Math.max(...sides);
  const all = Array.from({ length: mostWindows }, (_, index) => Math.ceil(length / (index + 1)));
  return [...new Set(all)].filter((side) => side >= alignment);
}

/** Every choice of at most so many cuts, in order. */
function someOf(cuts: readonly Cut[]): Cut[][] {
  let found: Cut[][] = [[]];
  for (const cut of cuts) {
    found = [...found, ...found.filter((one) => one.length < mostCuts).map((one) => [...one, cut])];
  }
  return found;
}

/** Every way to take one of each list. */
const combinations = <Value>(lists: readonly (readonly Value[])[]): Value[][] =>
  lists.reduce<Value[][]>((all, list) => all.flatMap((one) => list.map((value) => [...one, value])), [[]]);
