import { argumentError, StyleError } from '../errors.js';
import { imageFormatOf, type EncodeOptions, type ImageFormat, type ImageMetadata } from '../images/codec.js';
import type { Size } from '../images/image.js';
import { pixelsOf } from '../images/pixels.js';
import {
  networkKindOf,
  type AnyMethod,
  type Method,
  type MethodOutcome,
  type MethodTask,
  type PictureCounts,
  type PictureOrWord,
  type PictureOutcome,
  type PictureSet,
} from '../methods/method.js';
import type { EnlargingFactor } from '../networks/enlarging-network.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import type { LoadedNetwork } from '../weights/models.js';
import { isWeightsValue } from '../weights/network-kinds.js';
import type { MethodPlan } from '../methods/plan.js';
import type { Progress, ProgressListener } from '../methods/progress.js';
import { MethodRun } from './method-run.js';
import { pictureMetadata, pictureNames } from './picture-metadata.js';
import { checkSource, readOptions } from './picture-source.js';
import type { PictureSource, Platform } from './platform.js';
import type { PreparedMethod } from './prepared-method.js';
import { withPrepared, type Session, type SessionOptions } from './session.js';

/** Pictures by role, wherever each of them comes from; of a role that has several, one may stand alone. */
export type Sources<Pictures> = {
  readonly [Role in keyof Pictures]: Pictures[Role] extends readonly (infer One)[] | undefined
    ? SourceOf<One> | readonly SourceOf<One>[] | Extract<Pictures[Role], undefined>
    : SourceOf<Exclude<Pictures[Role], undefined>> | Extract<Pictures[Role], undefined>;
};

/** A word is a text, as a path is. */
export type SourceOf<One> = [One] extends [never] ? never : PictureSource;

/** What a method is asked for: its pictures, its options and the network. */
export type MethodRequest<Options, Pictures> = Sources<Pictures> &
  Options & {
    /** A network's name, a file of weights, or weights in memory. @defaultValue the method's network */
    readonly network?: string | VggWeights | undefined;
  };

/** How a call is computed, followed and ended. */
export interface CallOptions extends SessionOptions {
  /** What to compute with; without it the call starts and releases what it needs. */
  readonly session?: Session | undefined;
  /** Ends the run: the best result so far, or an AbortError where there is none yet. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** A state to go on from: a file's path, or its bytes. */
  readonly resume?: string | URL | Uint8Array | undefined;
  /**
   * What the weights of the loss's terms are multiplied by, asked before every step, so that they can be changed while a run goes on:
   * of methods that say which option a term's weight is (`weightOptions`). The optimiser begins anew with each change.
   */
  readonly factors?: MethodTask<object, object>['factors'];
  /** Refuse pictures of more pixels than this. @defaultValue 100 million */
  readonly maxPixels?: number | undefined;
  /** Make the picture so many times as wide and high afterwards, with the model of `enlarge`. */
  readonly enlarge?: EnlargingFactor | undefined;
  /** Bytes of memory that the run may take. @defaultValue what the system says is free */
  readonly memoryLimit?: number | undefined;
}

/** What every call gives beside the method's outcome. */
export interface CallResult {
  /** The settings with nothing left out. */
  readonly settings: object;
  /** The network's name; undefined where the method uses none. */
  readonly network: string | undefined;
  /** From the call to the result. */
  readonly seconds: number;
}

/** How a result that is a picture becomes a file. */
export interface WritablePicture {
  /** The bytes of a picture file, which says how it was made, as one that the command writes. @param format such as `png` */
  encode(format: ImageFormat, options?: EncodeOptions): Promise<Uint8Array>;
  /** The same as a `Blob`, to show it or offer it as a download. */
  blob(format: ImageFormat, options?: EncodeOptions): Promise<Blob>;
  /** Pixels for a canvas: `new ImageData(data, width, height)`. */
  pixels(): { readonly data: Uint8ClampedArray<ArrayBuffer> } & Size;
  /** Writes the picture, whole or not at all; the suffix says the format. */
  write(path: string, options?: EncodeOptions): Promise<void>;
}

export type MethodResult<Outcome> = Outcome &
  CallResult &
  (Outcome extends PictureOutcome ? WritablePicture : unknown);

/** What a call would take. */
export interface PlannedFunction<Options, Pictures> {
  /** What a call would take in memory and steps, without doing it. */
  plan(request: MethodRequest<Options, Pictures>, call?: CallOptions): Promise<MethodPlan>;
}

/** A method as a function. */
export interface MethodFunction<Options, Pictures, Outcome> extends PlannedFunction<Options, Pictures> {
  (request: MethodRequest<Options, Pictures>, call?: CallOptions): MethodRun<MethodResult<Outcome>>;
}

/**
 * Makes a method a function.
 * @example
 * ```ts
 * import { methods } from 'pastiche';
 * import { methodFunction, nodePlatform } from 'pastiche/engine';
 *
 * const method = methods.find(({ name }) => name === 'match-colors')!;
 * const matchColors = methodFunction(method, nodePlatform);
 * await matchColors({ picture: 'photo.jpg', reference: 'painting.jpg' });
 * ```
 */
export function methodFunction<
  Options extends object,
  Settings extends object,
  Pictures extends object,
  Outcome extends MethodOutcome,
  Network,
>(
  method: Method<Options, Settings, Pictures, Outcome, Network>,
  platform: Platform,
): MethodFunction<Options, Pictures, Outcome> {
  const call = (request: unknown, options: CallOptions = {}): MethodRun<MethodResult<Outcome>> =>
    new MethodRun((report) =>
      prepare(method as AnyMethod, platform, request, options, async (prepared, pictures, sources) => {
        const started = performance.now();
        const plan = prepared.plan(pictures, options.memoryLimit ?? platform.availableMemory());
        prepared.checkMemory(pictures, plan, await prepared.makeRoom(plan, options.memoryLimit));
        const { resume, signal, factors } = options;
        if (factors !== undefined) checkFactors(method as AnyMethod);
        const onProgress = (event: Progress): Promise<unknown> =>
          Promise.all([options.onProgress?.(event), report(event)]);
        void onProgress({ type: 'picture', index: 0, count: 1, input: method.roles[0]!.name, plan });
        const outcome = await prepared.run(pictures, {
          signal,
          factors,
          onProgress,
          scales: plan.scales,
          resume:
            typeof resume === 'string' || resume instanceof URL ? await platform.readState(resume) : resume,
        });
        const seconds = (performance.now() - started) / 1000;
        const { settings, network } = prepared;
        const result = { ...outcome, settings, network: network?.name, seconds };
        if (method.output.kind !== 'picture') return result as never;
        const names = pictureNames(Object.keys(pictures), sources);
        const description = method.describe(settings as Settings, names, plan);
        const metadata = pictureMetadata(platform.software, description, network?.name, outcome);
        return { ...result, ...writing(platform, outcome as unknown as PictureOutcome, metadata) } as never;
      }),
    );
  const plan = (request: unknown, options: CallOptions = {}): Promise<MethodPlan> =>
    prepare(method as AnyMethod, platform, request, options, (prepared, pictures) =>
      Promise.resolve(prepared.plan(pictures, options.memoryLimit ?? platform.availableMemory())),
    );
  return Object.assign(call, { plan });
}

/** @param metadata what its files say of it, unless the options say something else */
function writing(platform: Platform, { image }: PictureOutcome, metadata: ImageMetadata): WritablePicture {
  return {
    encode: (format, options) => platform.encodePicture(image, format, { metadata, ...options }),
    async blob(format, options) {
      const bytes = await platform.encodePicture(image, format, { metadata, ...options });
      return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${format}` });
    },
    pixels: () => pixelsOf(image),
    async write(path, options) {
      imageFormatOf(path);
      await platform.writePicture(path, image, { metadata, ...options });
    },
  };
}

async function prepare<Result>(
  method: AnyMethod,
  platform: Platform,
  request: unknown,
  call: CallOptions,
  use: (prepared: PreparedMethod, pictures: PictureSet, sources: CheckedSources) => Promise<Result>,
): Promise<Result> {
  const { sources, options, network } = splitRequest(method, request);
  return withPrepared(platform, [method, options, countSources(sources), network], call, async (prepared) =>
    use(prepared, await readSources(prepared, platform, sources, call), sources),
  );
}

/** @throws StyleError `E_ARGUMENT` for a method whose weights can't change while it runs */
function checkFactors({ name, weightOptions }: AnyMethod): void {
  if (weightOptions !== undefined) return;
  throw argumentError(
    'factors',
    `The weights of ${name} can't change while it runs.`,
    'Leave factors out, and give the weights as options.',
  );
}

type CheckedSources = Readonly<Record<string, PictureSource | readonly PictureSource[]>>;

const countSources = (sources: CheckedSources): PictureCounts =>
  Object.fromEntries(
    // Bytes have a length, too.
    Object.entries(sources).map(([role, source]) => [role, Array.isArray(source) ? source.length : 1]),
  );

/** @throws StyleError `E_ARGUMENT` that names what is missing or can't be used */
function splitRequest(
  method: AnyMethod,
  request: unknown,
): { sources: CheckedSources; options: object; network: string | LoadedNetwork['weights'] | undefined } {
  if (typeof request !== 'object' || request === null) {
    throw new StyleError(
      'E_ARGUMENT',
      `${method.name} was called with ${request === undefined ? 'nothing' : String(request)}.`,
      `Give an object with ${method.roles
        .filter(({ optional }) => optional !== true)
        .map(({ name }) => name)
        .join(' and ')}.`,
    );
  }
  const networkKind = networkKindOf(method);
  const isModel = networkKind !== 'perceptual';
  const key = isModel ? 'model' : 'network';
  const { [key]: network, ...given } = request as Record<string, unknown>;
  // Which kind it has to be may depend on the options, which are checked later.
  const isNamed = typeof network === 'string' && network !== '';
  const missing = network === undefined && networkKind === 'model';
  if (missing || (network !== undefined && !isWeightsValue(network) && !isNamed)) {
    throw argumentError(
      key,
      missing
        ? `${method.name} needs a model, and none was given.`
        : `The ${key} can't be ${String(network)}.`,
      isModel
        ? `It takes the name of ${networkKind === 'model' ? 'a style or a model' : 'a model'}, the path of its file, or a model in memory.`
        : "It takes a network's name, the path of a file of weights, or weights.",
    );
  }
  const sources: Record<string, PictureSource | readonly PictureSource[]> = {};
  for (const { name, several, optional, description, example } of method.roles) {
    const value = given[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      if (optional === true || example !== undefined) continue;
      throw argumentError(
        name,
        `${method.name} needs a picture as ${name}, and none was given.`,
        `Give ${description}.`,
      );
    }
    const isList = Array.isArray(value);
    if (isList && several !== true) checkSource(value, name);
    sources[name] =
      several === true ? [value].flat().map((one) => checkSource(one, name)) : checkSource(value, name);
  }
  const options = Object.entries(given).filter(([name]) => method.roles.every((role) => role.name !== name));
  return {
    sources,
    options: Object.fromEntries(options),
    network: network as string | LoadedNetwork['weights'] | undefined,
  };
}

async function readSources(
  { method, settings }: PreparedMethod,
  platform: Platform,
  sources: CheckedSources,
  { maxPixels }: CallOptions,
): Promise<PictureSet> {
  const entries = await Promise.all(
    method.roles.map(async ({ name, isWord, example }) => {
      const options = readOptions(method, settings, name, maxPixels);
      const read = async (source: PictureSource): Promise<PictureOrWord> =>
        typeof source === 'string' && isWord?.(source) === true
          ? source
          : { name, ...(await platform.readPicture(source, name, options)) };
      const source = sources[name] ?? (example === undefined ? undefined : platform.examplePicture(example));
      if (source === undefined) return [name, undefined] as const;
      const pictures = Array.isArray(source)
        ? await Promise.all(source.map(read))
        : await read(source as PictureSource);
      return [name, pictures] as const;
    }),
  );
  return Object.fromEntries(entries.filter(([, pictures]) => pictures !== undefined));
}
