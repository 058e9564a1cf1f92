import type { z } from 'zod';
import type { Image, Size } from '../images/image.js';
import type { PictureSink, SampleForm } from '../images/picture-sink.js';
import type { Raster } from '../images/raster.js';
import type { LossTerm, TermFactors } from '../losses/terms.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import type { Runtime } from '../runtime/runtime.js';
import type { NetworkKind } from '../weights/models.js';
import type { PictureDivision, TilesPart, PictureSizes } from './division.js';
import type { PictureMemory } from './picture-memory.js';
import type { MethodPlan, PlannedScale } from './plan.js';
import type { ProgramCache } from '../runtime/program-cache.js';
import type { ProgressListener } from './progress.js';

/** A picture, or where a role allows them a word such as a colour. */
export type PictureOrWord = Raster | string;

/** Pictures by the name of their role: one, or several where the role has several. */
export type PictureSet = Readonly<Record<string, PictureOrWord | readonly PictureOrWord[] | undefined>>;

/** How many pictures of each role there are. */
export type PictureCounts = Readonly<Record<string, number>>;

/** What a picture is for. The first role of a method is its subject: there is one result for each subject. */
export interface PictureRole {
  readonly name: string;
  readonly description: string;
  /** Whether there may be several, which then come as an array. */
  readonly several?: boolean;
  readonly optional?: boolean;
  /** Whether it goes with one subject and no other, as its mask does: then there can't be several subjects. */
  readonly ofSubject?: boolean;
  /**
   * Of a mask: the role of the pictures that it is drawn over, in their order, and what its colours are: white and black for what is
   * painted and what stays, or a colour for each region.
   */
  readonly drawnOver?: { readonly role: string; readonly colors: 'area' | 'regions' };
  /** Whether it is read part by part, so that it may come as a {@link Raster} of any kind. */
  readonly inParts?: boolean;
  /** Whether the command line takes it by its place among the arguments; otherwise by the role's name. */
  readonly argument?: boolean;
  /** The option whose value may be a picture instead, which then has this role. */
  readonly option?: string;
  /** The value of that option which stands for the picture; it is set where the picture is given. */
  readonly optionValue?: string;
  /** Whether a text stands for itself and does not name a picture, and what such texts are. */
  readonly isWord?: (text: string) => boolean;
  readonly words?: string;
  /** The option with a weight for each of its pictures, of a role that has several. */
  readonly weights?: string;
  /** A picture of the package's own that is taken where none is given. */
  readonly example?: string;
}

/** What a method gives. */
export interface MethodOutcome {
  /** `finished`; `cancelled` by the signal, with the best result so far; `diverged` when the loss was no longer a number. */
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
}

/** What a method gives that makes one picture. */
export interface PictureOutcome extends MethodOutcome {
  readonly image: Image;
}

/** What becomes of a film, frame by frame. */
export interface FilmOutcome extends MethodOutcome {
  /** How many were written. */
  readonly frames: number;
  /** How many shots began after the first; 0 where nobody looked. */
  readonly cuts: number;
}

/** What files a result is. */
export type MethodOutput<Outcome> =
  /** The `image` of a `PictureOutcome`. */
  | { readonly kind: 'picture' }
  /** Several files of fixed names in a folder: pictures, which become PNG files, and bytes. */
  | {
      readonly kind: 'folder';
      readonly names: readonly string[];
      files(outcome: Outcome): Readonly<Record<string, Image | Uint8Array>>;
    }
  /** A file that is no picture, whose name ends so. */
  | { readonly kind: 'data'; readonly suffix: string; encode(outcome: Outcome): Uint8Array }
  /** An HTML page, which `report` renders, into this file where none is named. */
  | { readonly kind: 'page'; readonly fileName: string }
  /** Numbers only. */
  | { readonly kind: 'none' };

/** What a method computes with. */
export interface MethodContext<Settings, Network = VggWeights> {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly weights: Network;
  /** Compiled graphs, kept from one picture to the next where there is room. */
  readonly programs: ProgramCache;
  /** What was computed of pictures that several runs share, such as a painting's statistics. */
  readonly memory: PictureMemory;
}

/** One run of a method. */
export interface MethodTask<Settings, Pictures, Network = VggWeights> extends MethodContext<
  Settings,
  Network
> {
  readonly pictures: Pictures;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** A state saved by an earlier run to go on from. */
  readonly resume?: Uint8Array | undefined;
  /** What the weights of the terms are multiplied by, asked before every step; of methods with `weightOptions`. */
  readonly factors?: (() => TermFactors) | undefined;
  /** Those of its plan, each as it fits into memory; found anew where they are not given. */
  readonly scales?: readonly PlannedScale[] | undefined;
}

/** A row of a table: a name and a value in words. */
export type Fact = readonly [name: string, value: string];

/** What a plan, a description or a page may look at. */
export interface MethodSubject<Settings, Pictures> {
  readonly settings: Settings;
  readonly pictures: Pictures;
  /** Of a plan for `runInto`: how the result is collected. */
  readonly form?: SampleForm | undefined;
  /** Bytes of memory that it should take; what doesn't fit is computed part by part where the method can. @defaultValue no limit */
  readonly memoryLimit?: number | undefined;
}

/** What a page and a picture's metadata say of a run. */
export interface MethodDescription {
  /** What was made from what, such as `photo.jpg after painting.jpg`. */
  readonly title: string;
  /** The role of the picture that the result is compared with by a slider. */
  readonly before?: string | undefined;
  readonly facts: readonly Fact[];
}

/** A call of a method, for help texts and documentation. */
export interface MethodExample {
  /** The model, for a method that takes one. */
  readonly model?: string;
  readonly pictures: Readonly<Record<string, string | readonly string[]>>;
  readonly output?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a method does where several paint one picture, each a part of it. Together they give what `runInto` gives. */
export interface DividedMethod<Settings, Pictures, Network> {
  /** undefined where a picture has to be painted by one. */
  of(settings: Settings, sizes: PictureSizes, weights: Network): PictureDivision | undefined;
  /** What the next round finds in a part. */
  measure(task: MethodTask<Settings, Pictures, Network>, part: TilesPart): Promise<Float64Array>;
  /** Puts a part into a sink of the whole. */
  paint(
    task: MethodTask<Settings, Pictures, Network>,
    part: TilesPart,
    openSink: (size: Size, hasAlpha: boolean) => PictureSink,
  ): Promise<MethodOutcome>;
}

/**
 * What a person can ask for, as one value. The command with its flags, its files, its page, its function in the library
 * and every other form are derived from it; `methods/index.ts` lists them all.
 */
export interface Method<
  Options extends object = object,
  Settings extends object = object,
  Pictures extends object = object,
  Outcome extends MethodOutcome = MethodOutcome,
  Network = VggWeights,
> {
  /** Kebab-case: the name of the command. */
  readonly name: string;
  /** The command that its command is a part of, if it is of one. */
  readonly group?: string;
  /** One line. */
  readonly description: string;
  /** The subject first. */
  readonly roles: readonly PictureRole[];
  /** Whether there may be several subjects, each with a result. @defaultValue true */
  readonly batch?: boolean;
  /** Whether its subject may be a film, of which each frame is done. */
  readonly films?: boolean;
  /**
   * Whether it goes step by step: then a run can be followed, saved on the way, traced and resumed.
   * @param settings where it depends on them; without them it is about the default ones
   */
  stepwise?(settings?: Settings): boolean;
  /** What can be set, with defaults and descriptions. */
  readonly options: z.ZodObject;
  /** Headings for the options in help texts and forms, and what stands under them in this order. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Defaults in words of options whose schema has none, because they depend on other options; of the `network`, too. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly examples: readonly MethodExample[];
  /** Text for the end of the help. */
  readonly notes?: string;
  readonly output: MethodOutput<Outcome>;
  /**
   * Checks options and fills in what is left out.
   * @param given how many pictures of each role there are
   * @throws StyleError `E_ARGUMENT` that names the option which can't be used
   */
  resolve(options: Options, given?: PictureCounts): Settings;
  /**
   * `model` for a network that makes the picture, which has to be named, before all pictures; otherwise `network` is one that
   * losses are measured with. `enlarging-model` is one that makes pictures larger. See `networkKindOf`.
   * @param settings where it depends on them; without them it is about the default ones
   * @defaultValue 'perceptual'
   */
  networkKind?(settings?: Settings): NetworkKind;
  /**
   * Whether losses are measured too, though its own network is of another kind: an `any-style-model` then comes with its
   * `perceptual`.
   * @defaultValue false
   */
  needsPerceptual?(settings: Settings): boolean;
  /** The network's name that these settings take where none is named: undefined for the default. Absent where none is used. */
  network?(settings: Settings): string | undefined;
  /**
   * Sizes, steps and memory.
   * @throws StyleError `E_IMAGE_SIZE` when a picture is too small for the network's layers
   */
  plan(subject: MethodSubject<Settings, Pictures>, weights: Network | undefined): MethodPlan;
  /** The longest side, in pixels, of what is looked at of a role's pictures; undefined is all of them. */
  longestSide?(settings: Settings, role: string): number | undefined;
  /**
   * The same settings for a result of another long side: to find what fits into memory.
   * @param iterations for a trial: so many steps at this size alone
   */
  resized?(settings: Settings, longSide: number, pictures: Pictures, iterations?: number): Settings;
  /** The option that says how large the result is, and its value for a long side. @defaultValue `size` */
  sizeOption?(longSide: number, subject: MethodSubject<Settings, Pictures>): Fact;
  /** The parts of the loss that are reported; none where nothing is optimised. */
  terms(settings: Settings): readonly LossTerm[];
  /**
   * The option that is the weight of a term, of the terms whose weight may change from one step to the next; see
   * {@link MethodTask.factors}.
   */
  readonly weightOptions?: Readonly<Partial<Record<LossTerm, string>>>;
  run(task: MethodTask<Settings, Pictures, Network>): Promise<Outcome>;
  /**
   * The same for methods that give one picture and make it part by part: it goes into a sink, so that the whole never is in
   * memory as floats.
   */
  runInto?(
    task: MethodTask<Settings, Pictures, Network>,
    openSink: (size: Size, hasAlpha: boolean) => PictureSink,
  ): Promise<MethodOutcome>;
  /** How a large picture is painted by several, of methods that can. */
  readonly division?: DividedMethod<Settings, Pictures, Network>;
  /** @param names the pictures' names by role */
  describe(
    settings: Settings,
    names: Readonly<Record<string, readonly string[]>>,
    plan: MethodPlan,
  ): MethodDescription;
  /** The result in rows for people, where it is more than a picture. */
  summarize?(outcome: Outcome): readonly (readonly string[])[];
  /** The numbers of the result, for JSON, beside those that every result has. */
  record?(outcome: Outcome): object;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list holds methods of all kinds
export type AnyMethod = Method<any, any, any, any, any>;

/** The kind of network that a method computes with. @param settings the default ones unless given */
export const networkKindOf = ({ networkKind }: AnyMethod, settings?: object): NetworkKind =>
  networkKind?.(settings) ?? 'perceptual';

/** The pictures of one role, however many it may have. */
export function picturesOf(pictures: PictureSet, role: string): readonly PictureOrWord[] {
  const found = pictures[role];
  return found === undefined ? [] : typeof found === 'string' || 'width' in found ? [found] : found;
}

/** All pictures that are pictures. */
export function rastersOf(pictures: PictureSet): Raster[] {
  return Object.keys(pictures)
    .flatMap((role) => picturesOf(pictures, role))
    .filter((picture) => typeof picture !== 'string');
}
