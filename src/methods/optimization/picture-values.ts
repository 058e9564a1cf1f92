import type { Image } from '../../images/image.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import type { InputValues, OutputValues } from '../../runtime/runtime.js';
import { HalfMap } from './half-map.js';
import type { CanvasSize } from '../plan.js';
import { pictureInput, pictureOf } from './graph-inputs.js';
import type { LossTerms } from './loss-terms.js';
import { plannedWindows, windowedGraphs, type PlannedGraphs } from './windowed-graphs.js';
import type { WholeMap } from './window-maps.js';
import { compileTerms } from './windowed-program.js';

/** What is measured of a picture, as a plan counts it: see `GraphUse`. */
export function measuringGraphs(size: CanvasSize, terms: LossTerms): PlannedGraphs {
  const graphs = windowedGraphs(terms, size);
  return graphs === undefined
    ? { graphs: [terms(pictureOf(size))], hostBytes: () => 0 }
    : plannedWindows(graphs);
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
  image: Image,
  options: MeasuringOptions = {},
): Promise<OutputValues> {
  return measured(programs, key, terms, image, options, (length) => new Float32Array(length));
}

/**
 * The same with maps of half the bytes where a size is compact, for a loss that takes them so.
 */
export async function heldValues(
  programs: ProgramCache,
  key: string,
  terms: LossTerms,
  image: Image,
  { compact, ...options }: MeasuringOptions & Pick<CanvasSize, 'compact'>,
): Promise<Readonly<Record<string, Float32Array | HalfMap>>> {
  if (compact !== true) return pictureValues(programs, key, terms, image, options);
  return measured(programs, key, terms, image, options, (length) => new HalfMap(length));
}

interface MeasuringOptions {
  readonly window?: number | undefined;
  readonly inputs?: InputValues | undefined;
}

async function measured<Map extends WholeMap>(
  programs: ProgramCache,
  key: string,
  terms: LossTerms,
  { width, height, rgb }: Image,
  { window, inputs }: MeasuringOptions,
  mapOf: (length: number) => Map,
): Promise<Readonly<Record<string, Float32Array | Map>>> {
  const size = { width, height, window };
  if (Object.keys(terms(pictureOf(size))).length === 0) return {};
  const compiled = await compileTerms(programs, key, size, terms);
  const values = await compiled.measure({ ...inputs, [pictureInput]: rgb }, mapOf);
  await compiled.dispose();
  return values;
}
