import { splitIntoWindows, type MapSides, type NamedTensors, type Tensor } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import type { Losses } from '../../losses/terms.js';
import type { InputValues, OutputValues, Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { pictureInput } from './graph-inputs.js';
import type { CompiledObjective } from './picture-objective.js';
import { windowSize, windowsOf, type Span, type Window, type WindowNeeds } from './windows.js';

/** The terms of a loss as expressions of the picture. */
export type LossTerms = (picture: Tensor) => NamedTensors;

/** A loss that is computed in windows. */
export interface WindowedLoss {
  readonly terms: LossTerms;
  readonly size: Size;
  /** Of the windows' cores, in pixels. */
  readonly side: number;
}

/** The loss' graphs: of a window, and of all sums together. */
export interface WindowedGraphs {
  /** By stage. */
  readonly sums: readonly NamedTensors[];
  readonly slopes: readonly NamedTensors[];
  readonly head: NamedTensors;
  readonly windows: readonly Window[];
  readonly maps: Readonly<Record<string, MapSides>>;
  readonly marks: ReturnType<typeof splitIntoWindows>['marks'];
}

/** The graphs of a loss that is computed in windows. @throws StyleError `E_GRAPH` for a loss that can't be */
export function windowedGraphs({ terms, size, side }: WindowedLoss): WindowedGraphs {
  const build = (picture: Tensor): NamedTensors => {
    const values = terms(picture);
    return { ...values, total: sumOfTerms(Object.values(values)) };
  };
  const needs = needsOf(build, size);
  const { width, height } = windowSize(size, side, needs);
  const { stages, head, maps, marks } = splitIntoWindows(
    build,
    pictureInput,
    [size.height, size.width],
    [height, width],
  );
  return {
    sums: stages.map((stage) => stage.sums),
    slopes: stages.map((stage) => stage.slopes),
    head,
    maps,
    marks,
    windows: windowsOf(size, side, needs),
  };
}

/** Found with windows of any other size than the picture's. */
const needsOf = (build: (picture: Tensor) => NamedTensors, { width, height }: Size): WindowNeeds =>
  splitIntoWindows(build, pictureInput, [height, width], [height + 16, width + 16]);

/**
 * A loss whose graphs see windows of the picture one by one: the same loss and gradient as of the whole at once, in the memory of a
 * window.
 * @param key tells the graphs from others of the same method
 * @param targets values of the graphs' inputs beside the picture, those of maps for the whole picture
 */
export async function windowedObjective(
  programs: ProgramCache,
  key: string,
  loss: WindowedLoss,
  targets: InputValues,
): Promise<CompiledObjective> {
  const graphs = windowedGraphs(loss);
  const acquire = (name: string, graph: NamedTensors): Promise<Program> =>
    programs.acquire(`${name} of windows ${key}`, () => graph);
  const compiled = {
    sums: await Promise.all(graphs.sums.map((graph, stage) => acquire(`sums ${stage}`, graph))),
    slopes: await Promise.all(graphs.slopes.map((graph, stage) => acquire(`slopes ${stage}`, graph))),
    head: await acquire('head', graphs.head),
  };
  const all = [...compiled.sums, ...compiled.slopes, compiled.head];
  const plain = Object.fromEntries(Object.entries(targets).filter(([name]) => graphs.maps[name] === undefined));
  for (const program of all) await program.bind(pick(plain, program));
  const { width, height } = loss.size;

  /** Runs a program on every window. */
  async function eachWindow(
    program: Program,
    rgb: Float32Array,
    known: InputValues,
    take: (outputs: OutputValues, window: Window) => void,
  ): Promise<void> {
    const maps: InputValues = { ...targets, [pictureInput]: rgb };
    for (const window of graphs.windows) {
      const inputs: Record<string, Float32Array | BigInt64Array> = {};
      for (const name of Object.keys(program.inputs)) {
        const [sides, marks] = [graphs.maps[name], graphs.marks[name]];
        if (sides !== undefined) inputs[name] = cutMap(maps[name] as Float32Array, sides, window, loss.size);
        else if (marks !== undefined) inputs[name] = marked(window[marks.axis], marks.window, marks.axis === 'rows' ? height : width);
        else if (known[name] !== undefined) inputs[name] = known[name];
      }
      take(await program.run(inputs), window);
    }
  }

  return {
    async objective(rgb) {
      const sums: Record<string, Float32Array> = {};
      for (const program of compiled.sums) {
        const totals = new Totals();
        await eachWindow(program, rgb, sums, (outputs) => totals.add(outputs));
        Object.assign(sums, totals.values());
      }
      const outputs = await compiled.head.run(pick(sums, compiled.head));
      const losses = Object.fromEntries(
        Object.entries(outputs)
          .filter(([name]) => !name.startsWith('slope '))
          .map(([name, value]) => [name, value[0]!]),
      ) as unknown as Losses;
      const slopes = new Totals();
      slopes.add(Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith('slope '))));
      const gradient = new Float32Array(rgb.length);
      for (const program of [...compiled.slopes].reverse()) {
        const found = new Totals();
        await eachWindow(program, rgb, { ...sums, ...slopes.values() }, ({ gradient: part, ...earlier }, window) => {
          addWindow(gradient, part!, window, loss.size);
          found.add(earlier);
        });
        slopes.add(found.values());
      }
      return { losses, gradient };
    },
    async dispose() {
      for (const program of all) await programs.release(program);
    },
  };
}

const pick = (values: InputValues, { inputs }: Program): InputValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in inputs));

/** Sums of arrays by name, in double precision. */
class Totals {
  private readonly totals = new Map<string, Float64Array>();

  add(parts: OutputValues): void {
    for (const [name, part] of Object.entries(parts)) {
      const total = this.totals.get(name) ?? new Float64Array(part.length);
      for (let i = 0; i < part.length; i += 1) total[i]! += part[i]!;
      this.totals.set(name, total);
    }
  }

  values(): Record<string, Float32Array> {
    return Object.fromEntries([...this.totals].map(([name, total]) => [name, Float32Array.from(total)]));
  }
}

/** Pixels between two positions of a map along an axis. */
const stepOf = (pixels: number, positions: number): number => 2 ** Math.round(Math.log2(pixels / positions));

/** What a window shows of a map of the whole picture. */
function cutMap(whole: Float32Array, sides: MapSides, { rows, columns }: Window, size: Size): Float32Array {
  const [wholeRows, wholeColumns] = sides.whole;
  const [height, width] = sides.window;
  const top = rows.start / stepOf(size.height, wholeRows);
  const left = columns.start / stepOf(size.width, wholeColumns);
  const planes = whole.length / (wholeRows * wholeColumns);
  const part = new Float32Array(planes * height * width);
  for (let plane = 0; plane < planes; plane += 1) {
    for (let y = 0; y < height; y += 1) {
      const begin = (plane * wholeRows + top + y) * wholeColumns + left;
      part.set(whole.subarray(begin, begin + width), (plane * height + y) * width);
    }
  }
  return part;
}

/** Which positions of a window's map along an axis are those of its core. */
function marked({ start, length, from, to }: Span, positions: number, whole: number): Float32Array {
  const step = stepOf(length, positions);
  return Float32Array.from({ length: positions }, (_, i) => {
    const place = start + i * step;
    return place >= from && (place < to || to === whole) ? 1 : 0;
  });
}

/** Adds the gradient of a window's pixels. */
function addWindow(
  gradient: Float32Array,
  part: Float32Array,
  { rows, columns }: Window,
  { width, height }: Size,
): void {
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = 0; y < rows.length; y += 1) {
      const into = (channel * height + rows.start + y) * width + columns.start;
      const from = (channel * rows.length + y) * columns.length;
      for (let x = 0; x < columns.length; x += 1) gradient[into + x]! += part[from + x]!;
    }
  }
}
