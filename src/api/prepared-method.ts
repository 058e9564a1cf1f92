import { throwIfAborted } from '../abort.js';
import { StyleError } from '../errors.js';
import type { Size } from '../images/image.js';
import type { PictureSink, SampleForm } from '../images/picture-sink.js';
import { SampledRaster } from '../images/raster.js';
import { sampledGrid } from '../images/sampled-grid.js';
import {
  enlargedSize,
  enlargePicture,
  enlargingCost,
  type Enlargement,
} from '../methods/enlarge/enlarge-picture.js';
import {
  picturesOf,
  rastersOf,
  type AnyMethod,
  type MethodContext,
  type MethodOutcome,
  type MethodSubject,
  type MethodTask,
  type PictureOrWord,
  type PictureOutcome,
  type PictureSet,
} from '../methods/method.js';
import { pictureBytes, picturesMemory, processBytes } from '../methods/optimization/memory.js';
import type { PictureDivision, TilesPart, PictureSizes } from '../methods/division.js';
import type { MethodPlan } from '../methods/plan.js';
import { PictureMemory } from '../methods/picture-memory.js';
import { ProgramCache } from '../runtime/program-cache.js';
import type { ProgressListener } from '../methods/progress.js';
import { checkMemory } from './memory-check.js';
import type { LoadedNetwork } from '../weights/models.js';
import type { Session } from './session.js';

/** With the graphs of other sizes kept, a run takes up to this many times the memory. */
const keptGraphsFactor = 2.5;
/** Graphs that are kept where there is room: enough for equal pictures at all their scales. */
const keptGraphs = 12;

/** The network whose graphs are kept: a painting's style is no part of them. */
const ownerOf = ({ weights }: LoadedNetwork): object =>
  'style' in weights && 'model' in weights ? weights.model : weights;

/** How one run is followed, ended and resumed. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly resume?: Uint8Array | undefined;
  /** What the weights of the terms are multiplied by, asked before every step. */
  readonly factors?: MethodTask<object, object>['factors'];
  /** Those of its plan. */
  readonly scales?: MethodPlan['scales'] | undefined;
}

/** A method with its settings and its network, for any number of pictures. */
export class PreparedMethod {
  private readonly programs: ProgramCache | undefined;
  private readonly memory: PictureMemory;
  /** Whether a network makes its result in one pass, so that compiling its graph is much of the work. */
  private readonly isOnePass: boolean;
  /** Bytes that the graphs hold which were kept. */
  private keptBytes = 0;

  constructor(
    private readonly session: Session,
    readonly method: AnyMethod,
    readonly settings: object,
    readonly network: LoadedNetwork | undefined,
    /** How the method's picture is made larger afterwards. */
    private readonly enlargement?: Enlargement,
  ) {
    this.memory = network === undefined ? new PictureMemory() : session.memoryOf(network.weights);
    this.isOnePass = network !== undefined && method.stepwise?.(settings) !== true;
    const earlier = this.isOnePass ? { programs: session.programs, network: ownerOf(network!) } : undefined;
    this.programs = (network ?? enlargement) && new ProgramCache(session.runtime, earlier);
  }

  /**
   * What a run takes.
   * @param memoryLimit bytes of memory that it should take; what doesn't fit is computed part by part where the method can
   * @param form how its result is collected, for {@link runInto}
   */
  plan(pictures: PictureSet, memoryLimit?: number, form?: SampleForm): MethodPlan {
    return this.planOf({ settings: this.settings, pictures, form, memoryLimit });
  }

  /**
   * Frees graphs that the session kept from other calls, where a run needs their memory. A walk needs all that there is, and
   * compiling is little of its work.
   * @param given bytes of memory that the run may take; what the system says is free unless given
   * @returns bytes of memory that it may take now
   */
  async makeRoom(plan: MethodPlan, given?: number): Promise<number> {
    const { programs, platform } = this.session;
    const limit = (): number => given ?? platform.availableMemory();
    const needed = keptGraphsFactor * plan.memoryBytes;
    if (!this.isOnePass || needed + programs.bytes > limit()) await programs.clear();
    return limit();
  }

  /**
   * Checks that there is memory for a run, and whether there is enough to keep graphs for the pictures after it.
   * @param limit bytes that it may take
   * @param moreFollow whether pictures follow that this method is for as well
   * @throws StyleError `E_MEMORY`
   */
  checkMemory(
    pictures: PictureSet,
    plan: MethodPlan,
    limit: number,
    moreFollow = false,
    form?: SampleForm,
  ): void {
    const subject = { settings: this.settings, pictures, form, memoryLimit: limit };
    const planOf: AnyMethod['plan'] = (other) => this.planOf(other as typeof subject);
    checkMemory({ ...this.method, plan: planOf }, subject, this.network?.weights, plan, limit);
    const isRepeated = moreFollow || (this.isOnePass && this.session.keepsPrograms);
    const fits = keptGraphsFactor * plan.memoryBytes < limit;
    this.programs?.keep(isRepeated && fits ? keptGraphs : 0);
    // What the process itself takes is not theirs.
    this.keptBytes = Math.max(0, plan.memoryBytes - processBytes);
  }

  /** Keeps graphs for the next pictures, which are of the same size: together they take no more memory than one of them. */
  keepGraphs(): void {
    this.programs?.keep(keptGraphs);
  }

  /** @throws StyleError as the method does; AbortError when the signal ends it before it has any result */
  async run(pictures: PictureSet, options: RunOptions): Promise<MethodOutcome> {
    throwIfAborted(options.signal);
    const outcome = (await this.method.run({ ...this.computing(), ...options, pictures })) as MethodOutcome;
    // Of a run that was ended the picture so far is wanted at once. One that came to its end is not thrown away any more.
    if (this.enlargement === undefined || outcome.stopped === 'cancelled') return outcome;
    const { image } = outcome as PictureOutcome;
    return {
      ...outcome,
      image: await enlargePicture(image, this.enlargement, this.programs!),
    } as PictureOutcome;
  }

  /** Whether {@link runInto} can be used. */
  get canRunInto(): boolean {
    return this.method.runInto !== undefined && this.enlargement === undefined;
  }

  /**
   * Runs, and puts the picture part by part into a sink instead of making it as floats.
   * @throws as {@link run}
   */
  async runInto(
    pictures: PictureSet,
    options: RunOptions,
    openSink: (size: Size, hasAlpha: boolean) => PictureSink,
  ): Promise<MethodOutcome> {
    throwIfAborted(options.signal);
    return this.method.runInto!({ ...this.computing(), ...options, pictures }, openSink);
  }

  /** How several can paint a picture; undefined where one has to. */
  division(sizes: PictureSizes): PictureDivision | undefined {
    const { method, network, settings } = this;
    if (method.division === undefined || network === undefined || !this.canRunInto) return undefined;
    return method.division.of(settings, sizes, network.weights);
  }

  /**
   * What the next round finds in a part of a picture that has a {@link division}.
   * @throws as {@link run}
   */
  async measurePart(pictures: PictureSet, options: RunOptions, part: TilesPart): Promise<Float64Array> {
    throwIfAborted(options.signal);
    return this.method.division!.measure({ ...this.computing(), ...options, pictures }, part);
  }

  /**
   * Puts a part of such a picture into a sink of the whole.
   * @throws as {@link run}
   */
  async paintPart(
    pictures: PictureSet,
    options: RunOptions,
    part: TilesPart,
    openSink: (size: Size, hasAlpha: boolean) => PictureSink,
  ): Promise<MethodOutcome> {
    throwIfAborted(options.signal);
    return this.method.division!.paint({ ...this.computing(), ...options, pictures }, part, openSink);
  }

  /**
   * How fast this machine is, by a few steps of a run at a small size, with the time to prepare a scale. undefined where
   * nothing is optimised, and where its operations are too few to be counted.
   */
  async measureSpeed(pictures: PictureSet, { scales }: MethodPlan): Promise<SpeedEstimate | undefined> {
    if (scales.length === 0 || this.method.resized === undefined) return undefined;
    const coarsest = Math.max(scales[0]!.width, scales[0]!.height);
    // Of a narrow picture, or a small region, a small size may have nothing to see.
    for (const longSide of new Set([Math.min(trial.longSide, coarsest), coarsest])) {
      // Where the few pixels don't go together any more, such as a mask with its picture, the whole ones do.
      const smallest = smallPictures(pictures, 2 * longSide);
      for (const tried of smallest === pictures ? [pictures] : [smallest, pictures]) {
        try {
          return await this.tryOut(tried, longSide);
        } catch (error) {
          const isLast = tried === pictures;
          if (!(error instanceof StyleError) || (isLast && error.code !== 'E_IMAGE_SIZE')) throw error;
        }
      }
    }
    return undefined;
  }

  private async tryOut(pictures: PictureSet, longSide: number): Promise<SpeedEstimate | undefined> {
    const { method } = this;
    const settings = method.resized!(this.settings, longSide, pictures, trial.steps) as object;
    const { operations } = method.plan({ settings, pictures }, this.network?.weights) as MethodPlan;
    if (operations === 0) return undefined;
    const times: number[] = [];
    const started = performance.now();
    let firstStep = started;
    await method.run({
      ...this.computing(),
      settings,
      pictures,
      onProgress: (event: Parameters<ProgressListener>[0]) => {
        if (event.type === 'iteration') times.push(event.milliseconds);
        else if (event.type === 'stage' && event.stage === 'optimize' && times.length === 0) {
          firstStep = performance.now();
        }
      },
    });
    // What else the machine does now and then slows single steps down, and the first ones are slower.
    const counted = times.slice(Math.min(trial.warmUp, times.length - 1)).sort((a, b) => a - b);
    const typical = counted[Math.floor(counted.length / 2)]! / 1000;
    const operationsPerSecond = operations / times.length / typical;
    const scaleSeconds = (firstStep - started) / 1000;
    return {
      operationsPerSecond,
      secondsOf: ({ scales, operations: all }) => all / operationsPerSecond + scales.length * scaleSeconds,
    };
  }

  /** Frees the compiled graphs, or leaves them to other calls of the session. */
  async dispose(): Promise<void> {
    await this.programs?.handOver(this.keptBytes);
    await this.programs?.dispose();
  }

  /** What the method takes, and then the enlargement of its picture. */
  private planOf(subject: MethodSubject<object, PictureSet>): MethodPlan {
    const plan = this.method.plan(subject, this.network?.weights) as MethodPlan;
    if (this.enlargement === undefined) return plan;
    const { memoryBytes } = enlargingCost(plan, this.enlargement);
    const kept = picturesMemory(subject.pictures) + pictureBytes(plan);
    return {
      ...plan,
      ...enlargedSize(plan, this.enlargement.settings.factor),
      memoryBytes: Math.max(plan.memoryBytes, kept + memoryBytes),
    };
  }

  private computing(): MethodContext<object> {
    const { settings, network, programs, memory } = this;
    // Methods without a network use none of the rest.
    if (network === undefined) return { settings, memory } as unknown as MethodContext<object>;
    return {
      settings,
      runtime: this.session.runtime,
      weights: network.weights,
      programs: programs!,
      memory,
    } as MethodContext<object>;
  }
}

/** Pictures as a trial needs them: resizing photographs of a camera would take longer than its steps. The same where none is large. */
function smallPictures(pictures: PictureSet, longSide: number): PictureSet {
  const largest = Math.max(0, ...rastersOf(pictures).map(({ width, height }) => Math.max(width, height)));
  if (largest < 2 * longSide) return pictures;
  const smallOf = (picture: PictureOrWord): PictureOrWord =>
    typeof picture === 'string' || picture instanceof SampledRaster
      ? picture
      : sampledGrid(picture, longSide);
  return Object.fromEntries(
    Object.entries(pictures).map(([role, given]) => {
      const small = picturesOf(pictures, role).map(smallOf);
      return [role, Array.isArray(given) ? small : small[0]];
    }),
  );
}

/** A trial's long side, small enough to be quick and large enough to keep the machine busy; its steps, and those that don't count. */
const trial = { longSide: 192, steps: 5, warmUp: 2 } as const;

/** How fast this machine is, and how long runs of a plan take on it. */
export interface SpeedEstimate {
  readonly operationsPerSecond: number;
  secondsOf(plan: MethodPlan): number;
}
