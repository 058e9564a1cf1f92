import {
  findPositions,
  segmentNeeds,
  sizeOf,
  splitIntoWindows,
  type MapShape,
  type NamedTensors,
  type PositionedExpression,
  type WindowedScalar,
} from '../../graph/index.js';
import type { CanvasSize } from '../plan.js';
import { pictureInput } from './graph-inputs.js';
import type { LossTerms } from './loss-terms.js';
import { chooseWindows, type WindowForm } from './window-choice.js';
import { windowSides, windowsOf, type Window } from './windows.js';

/** The graphs of expressions that are computed in windows. */
export interface WindowedGraphs extends WindowedScalar {
  /** Of each segment. */
  readonly windows: readonly (readonly Window[])[];
}

/**
 * The graphs of expressions in the windows that a size says; undefined where they are computed at once, as one window would see the whole.
 * @throws StyleError `E_GRAPH` for expressions that can't be computed in windows
 */
export function windowedGraphs(
  terms: LossTerms,
  { width, height, window }: CanvasSize,
): WindowedGraphs | undefined {
  if (window === undefined) return undefined;
  const expression = findPositions(terms, pictureInput, [height, width]);
  const [uncut] = segmentNeeds(expression, []);
  if (windowsOf(uncut!, window).length === 1) return undefined;
  return graphsOf(expression, chooseWindows(expression, window));
}

/** The graphs of expressions in a form. */
export function graphsOf(expression: PositionedExpression, { cuts, segments }: WindowForm): WindowedGraphs {
  const sides = segments.map(({ needs, side }) => windowSides(needs, side));
  return {
    ...splitIntoWindows(expression, sides, cuts),
    windows: segments.map(({ needs, side }) => windowsOf(needs, side)),
  };
}

/** Graphs as a plan counts them: how often one evaluation runs each, and bytes of the maps that are kept whole beside them. */
export interface PlannedGraphs {
  readonly graphs: readonly NamedTensors[];
  readonly times?: readonly number[];
  /** @param isCompact whether maps that a picture is compared with take half the bytes */
  hostBytes(isCompact: boolean): number;
}

/** What a plan counts of graphs in windows. */
export function plannedWindows({ segments, head, windows }: WindowedGraphs): Required<PlannedGraphs> {
  const counted = segments.flatMap(({ stages }, index) =>
    stages.flatMap(({ values, slopes }) =>
      [values, slopes].map((graph) => ({ graph, times: windows[index]!.length })),
    ),
  );
  const all = [...counted, { graph: head, times: 1 }].filter(({ graph }) => hasOutputs(graph));
  const source = segments[0]!.source;
  const kept = segments.flatMap(({ maps }) => Object.entries(maps).filter(([name]) => name !== source));
  const read = inputsOf(head);
  const bytesOf = (name: string, isCompact: boolean): number =>
    !isCompact || isBetween(name) ? 4 : read.has(name) ? 6 : 2;
  return {
    graphs: all.map(({ graph }) => graph),
    times: all.map(({ times }) => times),
    hostBytes: (isCompact) =>
      [...new Map(kept)].reduce((sum, [name, map]) => sum + bytesOf(name, isCompact) * valuesIn(map), 0),
  };
}

/** The names of the inputs that a graph reads. */
function inputsOf(graph: NamedTensors): Set<string> {
  const seen = new Set(Object.values(graph));
  // What is added while it is gone through is gone through as well.
  for (const { inputs } of seen) for (const x of inputs) seen.add(x);
  return new Set(
    [...seen].flatMap(({ inputs, label }) => (inputs.length === 0 && label !== undefined ? [label] : [])),
  );
}

export const hasOutputs = (graph: NamedTensors): boolean => Object.keys(graph).length > 0;

/** Whether a name among a segment's maps is of the map at a cut, or of the gradient with respect to it. */
export const isBetween = (name: string): boolean => /^(slope of )?cut \d+$/.test(name);

/** The values of the whole of a map. */
export const valuesIn = ({ channels, whole }: MapShape): number => channels * sizeOf(whole);
