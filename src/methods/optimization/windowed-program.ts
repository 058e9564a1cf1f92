import type { NamedTensors, WindowedSegment } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { inputsFor, type InputValues, type OutputValues, type Program } from '../../runtime/runtime.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import type { CanvasSize } from '../plan.js';
import { countedPositions } from '../tiles.js';
import { pictureOf } from './graph-inputs.js';
import type { LossTerms } from './loss-terms.js';
import { HalfMap } from './half-map.js';
import { addWindow, cutMap, placeMap, type WholeMap } from './window-maps.js';
import { hasOutputs, isBetween, valuesIn, windowedGraphs, type WindowedGraphs } from './windowed-graphs.js';
import type { Window } from './windows.js';

/** Values of inputs, of which maps may be held with half the bytes where they are cut into windows. */
export type TermsInputs = Readonly<Record<string, InputValues[string] | HalfMap>>;

/** What computes expressions of a picture, at once or in windows. */
export interface TermsProgram {
  bind(inputs: TermsInputs): Promise<void>;
  run(inputs: TermsInputs): Promise<OutputValues>;
  /**
   * The same without a `gradient`.
   * @param mapOf makes room for the whole of a map that windows give parts of, by its number of values; floats unless given
   */
  measure<Map extends WholeMap = Float32Array>(
    inputs: TermsInputs,
    mapOf?: (length: number) => Map,
  ): Promise<Readonly<Record<string, Float32Array | Map>>>;
  dispose(): Promise<void>;
}

/**
 * Compiles expressions of a picture, for the windows that its size says.
 * @param key tells the graphs from others of the same method
 * @param whole their graph for the whole picture, with its `gradient` where there is a `total`; that of `terms` unless given
 */
export async function compileTerms(
  programs: ProgramCache,
  key: string,
  size: CanvasSize,
  terms: LossTerms,
  whole = (): NamedTensors => terms(pictureOf(size)),
): Promise<TermsProgram> {
  const graphs = windowedGraphs(terms, size);
  if (graphs !== undefined)
    return WindowedProgram.compile(programs, `of ${size.window} ${key}`, graphs, size.compact);
  const program = await programs.acquire(key, whole);
  // What is measured in windows may be compared at once: then the targets are needed as floats.
  const run = (inputs: TermsInputs): Promise<OutputValues> =>
    program.run(inputsFor(program, asFloats(inputs)));
  return {
    run,
    measure: run,
    bind: (inputs) => program.bind(inputsFor(program, asFloats(inputs))),
    dispose: () => programs.release(program),
  };
}

const asFloats = (inputs: TermsInputs): InputValues =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, value instanceof HalfMap ? value.floats() : value]),
  );

interface CompiledStage {
  readonly values: Program;
  readonly slopes: Program | undefined;
}

/** A segment with its programs. */
interface CompiledSegment extends Omit<WindowedSegment, 'stages'> {
  readonly stages: readonly CompiledStage[];
  readonly windows: readonly Window[];
  /** Of what windows are of. */
  readonly size: Size;
}

/** What is known of the whole during a run. */
interface Known {
  /** Of which each window gets its part. */
  readonly maps: Record<string, TermsInputs[string]>;
  /** The same for all windows: sums, and the derivatives with respect to them. */
  readonly numbers: Record<string, Float32Array>;
}

/**
 * Runs in the memory of windows: gives what the expressions are of the whole, and where `total` is one of them its `gradient`, in an array
 * that the next run overwrites.
 */
export class WindowedProgram implements TermsProgram {
  private bound: TermsInputs = {};
  /** Maps between segments, and gradients: the same arrays in every run. */
  private readonly buffers = new Map<string, Float32Array>();

  private constructor(
    private readonly programs: ProgramCache,
    private readonly segments: readonly CompiledSegment[],
    private readonly head: Program | undefined,
    private readonly isCompact: boolean,
  ) {}

  static async compile(
    programs: ProgramCache,
    key: string,
    { segments, head, windows }: WindowedGraphs,
    isCompact = false,
  ): Promise<WindowedProgram> {
    const acquire = async (name: string, graph: NamedTensors): Promise<Program | undefined> =>
      hasOutputs(graph) ? programs.acquire(`${name} of windows ${key}`, () => graph) : undefined;
    const compiled: CompiledSegment[] = [];
    for (const [index, segment] of segments.entries()) {
      const stages: CompiledStage[] = [];
      for (const [place, { values, slopes }] of segment.stages.entries()) {
        const ofValues = (await acquire(`values ${index} ${place}`, values))!;
        stages.push({ values: ofValues, slopes: await acquire(`slopes ${index} ${place}`, slopes) });
      }
      const [height, width] = segment.maps[segment.source]!.whole;
      compiled.push({ ...segment, stages, windows: windows[index]!, size: { width, height } });
    }
    return new WindowedProgram(programs, compiled, await acquire('head', head), isCompact);
  }

  async bind(values: TermsInputs): Promise<void> {
    const isMap = (name: string): boolean => this.segments.some(({ maps }) => maps[name] !== undefined);
    const ofNames = (is: (name: string) => boolean): InputValues =>
      asFloats(Object.fromEntries(Object.entries(values).filter(([name]) => is(name))));
    const plain = ofNames((name) => !isMap(name));
    for (const program of this.segments.flatMap(({ stages }) => stages.flatMap(programsOf)))
      await program.bind(inputsFor(program, plain));
    const { head } = this;
    await head?.bind(ofNames((name) => name in head.inputs));
    const held = (name: string, value: TermsInputs[string]): TermsInputs[string] =>
      this.isCompact && isMap(name) && value instanceof Float32Array ? HalfMap.of(value) : value;
    const kept = Object.entries(values).map(([name, value]) => [name, held(name, value)] as const);
    this.bound = { ...this.bound, ...Object.fromEntries(kept) };
  }

  async run(given: TermsInputs): Promise<OutputValues> {
    const { known, outputs, slopes } = await this.forwards(given, floats);
    return slopes === undefined ? outputs : { ...outputs, gradient: await this.gradient(known, slopes) };
  }

  async measure<Map extends WholeMap = Float32Array>(
    given: TermsInputs,
    mapOf = floats as unknown as (length: number) => Map,
  ): Promise<Readonly<Record<string, Float32Array | Map>>> {
    return (await this.forwards(given, mapOf)).outputs;
  }

  /** @returns with the slopes of the total, where there is one */
  private async forwards<Map extends WholeMap>(
    given: TermsInputs,
    mapOf: (length: number) => Map,
  ): Promise<{ known: Known; outputs: Record<string, Float32Array | Map>; slopes?: OutputValues }> {
    const known: Known = { maps: { ...this.bound, ...given }, numbers: {} };
    const outputs: Record<string, Float32Array | Map> = {};
    for (const segment of this.segments) {
      for (const { values } of segment.stages)
        Object.assign(outputs, await this.values(segment, values, known, mapOf));
    }
    const { head } = this;
    if (head === undefined) return { known, outputs };
    const fresh = Object.entries({ ...known.maps, ...known.numbers }).filter(
      ([name]) => !(name in this.bound),
    );
    const found = Object.entries(await head.run(inputsFor(head, Object.fromEntries(fresh) as InputValues)));
    const isSlope = ([name]: [string, Float32Array]): boolean => name.startsWith('slope of ');
    Object.assign(outputs, Object.fromEntries(found.filter((one) => !isSlope(one))));
    if (!('total' in head.outputs)) return { known, outputs };
    return { known, outputs, slopes: Object.fromEntries(found.filter(isSlope)) };
  }

  async dispose(): Promise<void> {
    const all = [...this.segments.flatMap(({ stages }) => stages.flatMap(programsOf)), this.head];
    for (const program of all) await this.programs.release(program);
    // Whoever still knows of the loss must not hold what is as large as the picture.
    this.buffers.clear();
    this.bound = {};
  }

  /** Adds the sums of all windows and the map at a cut to what is known. @returns other maps */
  private async values<Map extends WholeMap>(
    segment: CompiledSegment,
    program: Program,
    known: Known,
    mapOf: (length: number) => Map,
  ): Promise<Record<string, Map>> {
    const { maps, size } = segment;
    const names = Object.keys(program.outputs).filter((name) => maps[name] !== undefined);
    const between = names.filter(isBetween).map((name) => [name, this.buffer(name, valuesIn(maps[name]!))]);
    const wanted = names
      .filter((name) => !isBetween(name))
      .map((name) => [name, mapOf(valuesIn(maps[name]!))]);
    const found = Object.fromEntries(wanted) as Record<string, Map>;
    Object.assign(known.maps, Object.fromEntries(between));
    const placed: Record<string, WholeMap> = { ...found, ...Object.fromEntries(between) };
    const sums = new Totals();
    await eachWindow(segment, program, known, (parts, window) => {
      for (const [name, part] of Object.entries(parts)) {
        if (placed[name] === undefined) sums.add({ [name]: part });
        else placeMap(placed[name], part, maps[name]!, window, size);
      }
    });
    Object.assign(known.numbers, sums.values());
    return found;
  }

  /** @param slopes of the total, with respect to sums and to the map that the head is computed from */
  private async gradient(known: Known, slopes: OutputValues): Promise<Float32Array> {
    const totals = new Totals();
    for (const [name, slope] of Object.entries(slopes)) {
      if (isBetween(name)) known.maps[name] = slope;
      else totals.add({ [name]: slope });
    }
    let gradient: Float32Array = new Float32Array();
    for (const segment of [...this.segments].reverse()) {
      const { source, maps, size, stages } = segment;
      gradient = this.buffer(`slope of ${source}`, valuesIn(maps[source]!)).fill(0);
      for (const { slopes: program } of [...stages].reverse()) {
        if (program === undefined) continue;
        const found = new Totals();
        const numbers = { ...known.numbers, ...totals.values() };
        await eachWindow(
          segment,
          program,
          { ...known, numbers },
          ({ gradient: part, ...earlier }, window) => {
            addWindow(gradient, part!, window, size);
            found.add(earlier);
          },
        );
        totals.add(found.values());
      }
      known.maps[`slope of ${source}`] = gradient;
    }
    return gradient;
  }

  private buffer(name: string, length: number): Float32Array {
    const buffer = this.buffers.get(name) ?? new Float32Array(length);
    this.buffers.set(name, buffer);
    return buffer;
  }
}

const floats = (length: number): Float32Array => new Float32Array(length);

const programsOf = ({ values, slopes }: CompiledStage): Program[] =>
  slopes === undefined ? [values] : [values, slopes];

/** Runs a program on every window. */
async function eachWindow(
  { maps, marks, windows, size }: CompiledSegment,
  program: Program,
  known: Known,
  take: (outputs: OutputValues, window: Window) => void,
): Promise<void> {
  for (const window of windows) {
    const inputs: Record<string, Float32Array> = {};
    for (const name of Object.keys(program.inputs)) {
      const [map, mark, whole] = [maps[name], marks[name], known.maps[name]];
      if (map !== undefined) inputs[name] = cutMap(whole as WholeMap, map, window, size);
      else if (mark !== undefined) inputs[name] = countedPositions(window[mark.axis], mark.positions);
      else if (known.numbers[name] !== undefined) inputs[name] = known.numbers[name];
    }
    take(await program.run(inputs), window);
  }
}

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
