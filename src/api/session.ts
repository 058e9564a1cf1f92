/// <reference lib="esnext.disposable" preserve="true" />
import { argumentError, StyleError } from '../errors.js';
import { defaultEnlargingModel } from '../methods/enlarge/enlarge-method.js';
import type { Enlargement } from '../methods/enlarge/enlarge-picture.js';
import { enlargeOptionsSchema, isEnlargeable } from '../methods/enlarge/options.js';
import { networkKindOf, type AnyMethod, type PictureCounts } from '../methods/method.js';
import { parseOptions } from '../methods/options.js';
import { PictureMemory } from '../methods/picture-memory.js';
import type { EnlargingModel } from '../networks/enlarging-model.js';
import type { AnyStyleModel } from '../networks/any-style-model.js';
import type { EnlargingFactor } from '../networks/enlarging-network.js';
import { isPaintingStyle, styledModel } from '../networks/painting-style.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import { KeptPrograms } from '../runtime/kept-programs.js';
import type { Runtime } from '../runtime/runtime.js';
import { checkThreadCount } from '../runtime/thread-count.js';
import { PreparedMethod } from './prepared-method.js';
import type { LoadedNetwork, NetworkKind } from '../weights/models.js';
import { isOfKind } from '../weights/network-kinds.js';
import type { DeviceOptions, Platform } from './platform.js';

/** What to give in memory instead of a network of another kind. */
const remedies: Readonly<Record<NetworkKind, string>> = {
  perceptual: 'Give one that loadNetwork loads.',
  model: 'Give a model that was trained to repaint pictures.',
  'any-style-model': 'Give one that makes pictures after any painting.',
  'enlarging-model': 'Give a model that makes pictures larger.',
};

/** Graphs that a session keeps: enough for a picture in tiles, or for some sizes of whole ones. */
const keptPrograms = 12;

/** What a session computes with. */
export interface SessionOptions extends DeviceOptions {
  /** A runtime that is used and left to the caller, instead of `device` and `threads`. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Holds what many calls have in common: the device and the networks' weights. They are loaded at their first use and
 * released by `dispose`, or at the end of the block by `await using`.
 * What was computed of a picture in memory is kept for the next call with the same pixels: make another picture instead of changing one
 * in place.
 * @example
 * ```ts
 * import { createSession, stylize } from 'pastiche';
 *
 * await using session = createSession({ threads: 2 });
 * for (const photograph of ['a.jpg', 'b.jpg']) {
 *   const result = await stylize({ content: photograph, styles: 'painting.jpg', size: 96, iterations: 10 }, { session });
 *   await result.write(`painted-${photograph}`);
 * }
 * ```
 */
export class Session implements AsyncDisposable {
  private created: Runtime | undefined;
  private readonly networks = new Map<string, Promise<LoadedNetwork>>();
  /** What was computed of pictures, by the network that it was computed with: calls with the same picture in memory share it. */
  private readonly memories = new WeakMap<object, PictureMemory>();
  /** Graphs of networks that need one pass, for calls with the same network and size. */
  readonly programs = new KeptPrograms(keptPrograms);
  private ended = false;

  /**
   * @param keepsPrograms whether graphs are kept for other calls
   * @throws StyleError `E_ARGUMENT` for a number of threads that is not a whole number from 1 to 1024
   */
  constructor(
    readonly platform: Platform,
    private readonly options: SessionOptions = {},
    readonly keepsPrograms = true,
  ) {
    checkThreadCount(options.threads);
  }

  /**
   * The runtime, started at the first call.
   * @throws StyleError `E_DEVICE` when this machine has no such device
   */
  get runtime(): Runtime {
    if (this.ended) {
      throw new StyleError('E_RUNTIME', 'The session was disposed.', 'Create another one.');
    }
    const { runtime, device, threads, wasm } = this.options;
    return runtime ?? (this.created ??= this.platform.createRuntime({ device, threads, wasm }));
  }

  /** A network by name or path, loaded once; or one in memory. The style of a painting comes with the network that it is for. */
  async network(
    nameOrPath?: string | LoadedNetwork['weights'],
    kind: NetworkKind = 'perceptual',
  ): Promise<LoadedNetwork> {
    const loaded =
      typeof nameOrPath === 'object'
        ? { name: nameInMemory(nameOrPath), weights: nameOrPath }
        : await this.load(nameOrPath, kind);
    if (!isPaintingStyle(loaded.weights)) return loaded;
    const { weights: model } = await this.load(loaded.weights.model, 'any-style-model');
    return { name: loaded.name, weights: styledModel(loaded.weights, model as AnyStyleModel) };
  }

  private load(nameOrPath: string | undefined, kind: NetworkKind): Promise<LoadedNetwork> {
    const key = `${kind} ${nameOrPath ?? ''}`;
    const known = this.networks.get(key);
    if (known !== undefined) return known;
    const { models } = this.options;
    const load = {
      perceptual: () => this.platform.loadNetwork(nameOrPath, { models }),
      model: () => this.platform.loadModel(nameOrPath!, { models }),
      'any-style-model': () => this.platform.loadAnyStyleModel(nameOrPath!, { models }),
      'enlarging-model': () => this.platform.loadEnlargingModel(nameOrPath!, { models }),
    };
    const loading = load[kind]();
    this.networks.set(key, loading);
    // A name that was not found may be there at the next call.
    loading.catch(() => this.networks.delete(key));
    return loading;
  }

  /**
   * Checks a method's options and loads what it needs, for any number of pictures.
   * @param network a name, a file, or weights in memory; the method's unless given
   * @param factor how many times as large a method's picture is made afterwards; not at all unless given
   * @throws StyleError `E_ARGUMENT` where there is no picture to enlarge
   */
  async prepare(
    method: AnyMethod,
    options: object,
    counts: PictureCounts,
    network?: string | LoadedNetwork['weights'],
    factor?: EnlargingFactor,
  ): Promise<PreparedMethod> {
    const settings = method.resolve(options, counts) as object;
    const enlargement = factor === undefined ? undefined : await this.enlargement(method, factor);
    if (method.network === undefined)
      return new PreparedMethod(this, method, settings, undefined, enlargement);
    // The runtime starts, and refuses a device that is not there, before the weights are read.
    void this.runtime;
    const kind = networkKindOf(method, settings);
    if (typeof network === 'object' && !isOfKind(network, kind)) {
      throw argumentError(
        networkKindOf(method) === 'perceptual' ? 'network' : 'model',
        `The network in memory is not of the kind that ${method.name} computes with here.`,
        remedies[kind],
      );
    }
    const loaded = await this.network(network ?? method.network(settings), kind);
    const complete = method.needsPerceptual?.(settings) === true ? await this.withPerceptual(loaded) : loaded;
    return new PreparedMethod(this, method, settings, complete, enlargement);
  }

  /** A network for any painting with what losses are measured with, the default unless it has one. */
  private async withPerceptual(loaded: LoadedNetwork): Promise<LoadedNetwork> {
    const model = loaded.weights as AnyStyleModel;
    if (model.perceptual !== undefined) return loaded;
    const { weights } = await this.network();
    return { ...loaded, weights: { ...model, perceptual: weights as VggWeights } };
  }

  /** What calls with a network have in common of pictures that are in memory. */
  memoryOf(weights: LoadedNetwork['weights']): PictureMemory {
    const memory = this.memories.get(weights) ?? new PictureMemory();
    this.memories.set(weights, memory);
    return memory;
  }

  private async enlargement(method: AnyMethod, factor: EnlargingFactor): Promise<Enlargement> {
    const settings = parseOptions(enlargeOptionsSchema, { factor });
    if (!isEnlargeable(method)) {
      throw argumentError(
        'enlarge',
        `The method ${method.name} makes no picture that could be enlarged.`,
        'Leave enlarge out.',
      );
    }
    const { weights } = await this.network(defaultEnlargingModel, 'enlarging-model');
    return { model: weights as EnlargingModel, settings };
  }

  async dispose(): Promise<void> {
    this.ended = true;
    const { created } = this;
    this.created = undefined;
    // Those on a runtime of the caller's as well.
    await this.programs.clear();
    await created?.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** What weights in memory are called. */
function nameInMemory(network: LoadedNetwork['weights']): string {
  if ('source' in network) return network.source.name;
  if (isPaintingStyle(network)) return network.name;
  if ('style' in network) return network.style.name;
  if ('bytes' in network) return network.name;
  if ('paint' in network) return network.name;
  return 'styles' in network ? network.styles.join(', ') : `a model of factor ${network.options.factor}`;
}

/**
 * Prepares a method, and frees in the end what that took.
 * @param call with a session it is that one which computes, and is left to the caller
 */
export async function withPrepared<Result>(
  platform: Platform,
  [method, options, counts, network]: Parameters<Session['prepare']>,
  call: SessionOptions & {
    readonly session?: Session | undefined;
    readonly enlarge?: EnlargingFactor | undefined;
  },
  use: (prepared: PreparedMethod, session: Session) => Promise<Result>,
): Promise<Result> {
  const session = call.session ?? new Session(platform, call, false);
  try {
    const prepared = await session.prepare(method, options, counts, network, call.enlarge);
    try {
      return await use(prepared, session);
    } finally {
      await prepared.dispose();
    }
  } finally {
    if (call.session === undefined) await session.dispose();
  }
}
