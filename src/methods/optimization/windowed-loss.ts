import { sizeOf, splitIntoWindows, sum, type MapSides, type NamedTensors } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { sumOfTerms } from '../../losses/sum-of-terms.js';
import { inputsFor, type InputValues, type OutputValues, type Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import type { CanvasSize } from '../plan.js';
import type { LossEvaluator, PictureLoss } from './compiled-loss.js';
import { pictureInput, pictureOf } from './graph-inputs.js';
import type { LossTerms } from './loss-terms.js';
import { evaluationOf } from './picture-objective.js';
import { countedPositions } from '../tiles.js';
import { addWindow, cutMap, placeMap } from './window-maps.js';
import { windowSize, windowsOf, type Window, type WindowNeeds } from './windows.js';

/** The loss' graphs: of a window, and of all sums together. */
export interface WindowedGraphs {
  /** By stage. */
  readonly sums: readonly NamedTensors[];
  readonly slopes: readonly NamedTensors[];
  readonly head: NamedTensors;
  readonly windows: readonly Window[];
  /** The size of all windows. */
  readonly window: Size;
  readonly maps: Readonly<Record<string, MapSides>>;
  readonly mapValues: number;
  readonly marks: ReturnType<typeof splitIntoWindows>['marks'];
}

/** The graphs of a loss that is computed in windows. @throws StyleError `E_GRAPH` for a loss that can't be */
export function windowedGraphs({ terms, size }: Pick<PictureLoss, 'terms' | 'size'>): WindowedGraphs {
  const side = size.window ?? Math.max(size.width, size.height);
  const build = totalled(terms);
  const needs = needsOf(build, size);
  const { width, height } = windowSize(size, side, needs);
  const { stages, head, maps, mapValues, marks } = splitIntoWindows(
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
    mapValues,
    marks,
    windows: windowsOf(size, side, needs),
    window: { width, height },
  };
}

/** A size as it is computed at: at once where one window sees all of it. */
export function effectiveSize(size: CanvasSize, terms: LossTerms): CanvasSize {
  const { width, height, window } = size;
  if (window === undefined) return size;
  return windowsOf(size, window, needsOf(totalled(terms), size)).length > 1 ? size : { width, height };
}

/** Found with windows of any other size than the picture's. */
export const needsOf = (build: LossTerms, { width, height }: Size): WindowNeeds =>
  splitIntoWindows(
    (x) => ({ total: build(x)['total']! }),
    pictureInput,
    [height, width],
    [height + 16, width + 16],
  );

/**
 * A loss whose graphs see windows of the picture one by one: the same loss and gradient as of the whole at once, in the memory of a
 * window.
 * @param key tells the graphs from others of the same method
 * @param targets values of the graphs' inputs beside the picture, those of maps for the whole picture
 */
export async function compileWindows(
  programs: ProgramCache,
  key: string,
  loss: Pick<PictureLoss, 'terms' | 'size'>,
  targets: InputValues,
): Promise<LossEvaluator> {
  const graphs = windowedGraphs(loss);
  const acquire = (name: string, graph: NamedTensors): Promise<Program> =>
    programs.acquire(`${name} of windows of ${loss.size.window} ${key}`, () => graph);
  const compiled = {
    sums: await Promise.all(graphs.sums.map((graph, stage) => acquire(`sums ${stage}`, graph))),
    slopes: await Promise.all(graphs.slopes.map((graph, stage) => acquire(`slopes ${stage}`, graph))),
    head: await acquire('head', graphs.head),
  };
  const all = [...compiled.sums, ...compiled.slopes, compiled.head];
  let whole: InputValues = {};
  const bind = async (values: InputValues): Promise<void> => {
    whole = { ...whole, ...values };
    const plain = Object.entries(values).filter(([name]) => graphs.maps[name] === undefined);
    for (const program of all) await program.bind(inputsFor(program, Object.fromEntries(plain)));
  };
  await bind(targets);

  const { eachWindow, sumsOf } = windowRunner(graphs, loss.size);

  return {
    bind,
    async evaluate(given) {
      const maps = { ...whole, ...given };
      const sums = await sumsOf(compiled.sums, maps);
      const outputs = Object.entries(await compiled.head.run(inputsFor(compiled.head, sums)));
      const slopes = new Totals();
      slopes.add(Object.fromEntries(outputs.filter(([name]) => isSlope(name))));
      const gradient = new Float32Array(3 * loss.size.width * loss.size.height);
      for (const program of [...compiled.slopes].reverse()) {
        const found = new Totals();
        const known = { ...sums, ...slopes.values() };
        await eachWindow(program, maps, known, ({ gradient: part, ...earlier }, window) => {
          addWindow(gradient, part!, window, loss.size);
          found.add(earlier);
        });
        slopes.add(found.values());
      }
      const losses = Object.fromEntries(outputs.filter(([name]) => !isSlope(name)));
      return evaluationOf({ ...losses, gradient });
    },
    async dispose() {
      for (const program of all) await programs.release(program);
    },
  };
}

/** Runs programs on the windows of a picture. */
export function windowRunner(graphs: WindowedGraphs, size: Size): WindowRunner {
  /** Runs a program on every window. */
  async function eachWindow(
    program: Program,
    maps: InputValues,
    known: InputValues,
    take: (outputs: OutputValues, window: Window) => void,
  ): Promise<void> {
    for (const window of graphs.windows) {
      const inputs: Record<string, Float32Array | BigInt64Array> = {};
      for (const name of Object.keys(program.inputs)) {
        const [sides, marks] = [graphs.maps[name], graphs.marks[name]];
        if (sides !== undefined) inputs[name] = cutMap(maps[name] as Float32Array, sides, window, size);
        else if (marks !== undefined) inputs[name] = countedPositions(window[marks.axis], marks.positions);
        else if (known[name] !== undefined) inputs[name] = known[name];
      }
      take(await program.run(inputs), window);
    }
  }

  async function sumsOf(
    programs: readonly Program[],
    maps: InputValues,
  ): Promise<Record<string, Float32Array>> {
    const sums: Record<string, Float32Array> = {};
    for (const program of programs) {
      const totals = new Totals();
      await eachWindow(program, maps, sums, (outputs) => totals.add(outputs));
      Object.assign(sums, totals.values());
    }
    return sums;
  }

  return { eachWindow, sumsOf };
}

export interface WindowRunner {
  /**
   * @param maps of the whole picture, of which each window gets its part
   * @param known the same for all windows
   */
  eachWindow(
    program: Program,
    maps: InputValues,
    known: InputValues,
    take: (outputs: OutputValues, window: Window) => void,
  ): Promise<void>;
  /** The sums of all windows, stage by stage. */
  sumsOf(programs: readonly Program[], maps: InputValues): Promise<Record<string, Float32Array>>;
}

/**
 * Maps of a picture, such as activations, computed in its windows where it has any.
 * @param key names the graph among those of a cache
 */
export async function compileMaps(
  programs: ProgramCache,
  key: string,
  size: CanvasSize,
  maps: LossTerms,
): Promise<Pick<Program, 'run' | 'dispose'>> {
  if (size.window === undefined) {
    const program = await programs.acquire(key, () => maps(pictureOf(size)));
    return {
      run: (inputs) => program.run(inputsFor(program, inputs)),
      dispose: () => programs.release(program),
    };
  }
  const needs = needsOf(totalled(maps), size);
  const windows = windowsOf(size, size.window, needs);
  const program = await programs.acquire(`windows of ${size.window} of ${key}`, () =>
    maps(pictureOf(windowSize(size, size.window!, needs))),
  );
  const shapes = Object.entries(maps(pictureOf(size))).map(([name, { shape }]) => [name, shape] as const);
  const picture: MapSides = {
    whole: [size.height, size.width],
    window: [windows[0]!.rows.length, windows[0]!.columns.length],
  };
  return {
    async run(inputs) {
      const whole = Object.fromEntries(
        shapes.map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]),
      );
      for (const window of windows) {
        const rgb = cutMap(inputs[pictureInput] as Float32Array, picture, window, size);
        const parts = await program.run({ [pictureInput]: rgb });
        for (const [name, shape] of shapes) {
          const [rows, columns] = program.outputs[name]!.slice(2) as [number, number];
          const sides: MapSides = { whole: [shape[2]!, shape[3]!], window: [rows, columns] };
          placeMap(whole[name]!, parts[name]!, sides, window, size);
        }
      }
      return whole;
    },
    dispose: () => programs.release(program),
  };
}

const isSlope = (name: string): boolean => name.startsWith('slope ');

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

/** Expressions with one number that depends on all of them. */
export const totalled =
  (terms: LossTerms): LossTerms =>
  (x) => {
    const values = terms(x);
    return { ...values, total: sumOfTerms(Object.values(values).map((value) => sum(value))) };
  };
