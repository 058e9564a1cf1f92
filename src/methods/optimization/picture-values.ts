import type { NamedTensors } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import { inputsFor, type InputValues, type OutputValues, type Program } from '../../runtime/runtime.js';
import type { CanvasSize } from '../plan.js';
import { pictureInput, pictureOf } from './graph-inputs.js';
import type { LossTerms } from './loss-terms.js';
import {
  compileMaps,
  effectiveSize,
  needsOf,
  totalled,
  windowedGraphs,
  windowRunner,
} from './windowed-loss.js';
import { windowSize, windowsOf } from './windows.js';

/** What is measured of a picture, as a plan counts it: graphs that run one after the other, and how often. */
export function measuringGraphs(
  given: CanvasSize,
  terms: LossTerms,
): { readonly graphs: NamedTensors[]; readonly runs: number } {
  const size = effectiveSize(given, terms);
  if (size.window === undefined) return { graphs: [terms(pictureOf(size))], runs: 1 };
  const { maps, statistics } = kindsOf(size, terms);
  const needs = needsOf(totalled(terms), size);
  const windows = windowsOf(size, size.window, needs);
  const ofWindow = pictureOf(windowSize(size, size.window, needs));
  const graphs = statistics.length === 0 ? [] : windowedGraphs({ size, terms: only(terms, statistics) }).sums;
  return {
    graphs: [...graphs, ...(maps.length === 0 ? [] : [only(terms, maps)(ofWindow)])],
    runs: windows.length,
  };
}

/**
 * What expressions give of a picture: maps, and what is left of them when they are summed over positions. Nothing where there are none.
 * @param key tells the graphs from others of the same method
 * @param inputs values of their inputs beside the picture
 */
export async function pictureValues(
  programs: ProgramCache,
  key: string,
  terms: LossTerms,
  { width, height, rgb }: Image,
  {
    window: side,
    inputs,
  }: { readonly window?: number | undefined; readonly inputs?: InputValues | undefined } = {},
): Promise<OutputValues> {
  const size = effectiveSize({ width, height, window: side }, terms);
  const { window } = size;
  const given = { ...inputs, [pictureInput]: rgb };
  const { maps, statistics } =
    window === undefined
      ? { maps: Object.keys(terms(pictureOf(size))), statistics: [] }
      : kindsOf(size, terms);
  const values: Record<string, Float32Array> = {};
  if (maps.length > 0) {
    const compiled = await compileMaps(programs, key, size, only(terms, maps));
    Object.assign(values, await compiled.run(given));
    await compiled.dispose();
  }
  if (statistics.length > 0) {
    const graphs = windowedGraphs({ size, terms: only(terms, statistics) });
    const { sumsOf } = windowRunner(graphs, size);
    const { head } = graphs;
    const acquire = (name: string, graph: NamedTensors): Promise<Program> =>
      programs.acquire(`${name} in windows of ${window} of ${key}`, () => graph);
    const compiled = await Promise.all(graphs.sums.map((graph, stage) => acquire(`sums ${stage}`, graph)));
    const sums = await sumsOf(compiled, given);
    for (const program of compiled) await programs.release(program);
    const wanted = Object.fromEntries(statistics.map((name) => [name, head[name]!]));
    const known = await programs.use(
      `statistics in windows of ${window} of ${key}`,
      () => wanted,
      (program) => program.run(inputsFor(program, sums)),
    );
    Object.assign(values, known);
  }
  return values;
}

/** Which expressions keep a picture's positions. */
function kindsOf(
  size: CanvasSize,
  terms: LossTerms,
): { readonly maps: string[]; readonly statistics: string[] } {
  const whole = Object.entries(terms(pictureOf(size)));
  const other = terms(pictureOf({ width: size.width + 16, height: size.height + 16 }));
  const isMap = ([name, { shape }]: (typeof whole)[number]): boolean =>
    shape.some((length, axis) => length !== other[name]!.shape[axis]);
  const names = (found: typeof whole): string[] => found.map(([name]) => name);
  return { maps: names(whole.filter(isMap)), statistics: names(whole.filter((one) => !isMap(one))) };
}

const only =
  (terms: LossTerms, names: readonly string[]): LossTerms =>
  (x) => {
    const all = terms(x);
    return Object.fromEntries(names.map((name) => [name, all[name]!]));
  };
