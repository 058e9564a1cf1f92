import { StyleError } from '../errors.js';
import { readImage } from '../images/codec.node.js';
import type { Image } from '../images/image.js';
import { parseRegionColor } from '../images/region-map.js';
import type { StyleMask } from '../methods/stylize/regions.js';
import {
  resolveStylizeSettings,
  type StylizeOptions,
  type StylizeSettings,
} from '../methods/stylize/options.js';
import { decodeState, type StylizeState } from '../methods/stylize/saved-state.js';
import { onnxRuntimeVersion } from '../runtime/devices.node.js';
import type { Runtime } from '../runtime/runtime.js';
import { packageVersion } from '../version.node.js';
import { readWeightsFile } from '../weights/weights-file.node.js';
import { withRuntime } from './machine.node.js';
import { loadNetwork, type LoadedNetwork } from './network.node.js';
import type { RunEnvironment, StylizeOrder, Versions } from './stylize-order.js';

/** The masks of an order. */
export interface StylizeMasks {
  readonly mask?: Image | undefined;
  readonly contentMask?: Image | undefined;
  readonly styleMasks?: readonly StyleMask[] | undefined;
}

/** What all pictures of an order have in common, in memory. */
export interface StylizeSession {
  readonly options: StylizeOptions;
  readonly settings: StylizeSettings;
  readonly runtime: Runtime;
  readonly network: LoadedNetwork;
  readonly styles: readonly Image[];
  readonly initial: Image | undefined;
  readonly masks: StylizeMasks;
  readonly resume: StylizeState | undefined;
}

/** The options of an order; a picture to start from is a way to start. */
export function orderOptions({ options = {}, initial }: StylizeOrder): StylizeOptions {
  return initial === undefined ? options : { ...options, init: 'picture' };
}

/**
 * Reads what an order needs, hands it over and frees it afterwards. The runtime starts while files are read.
 * @throws StyleError whatever is wrong with the options, the network, the paintings or the saved state
 */
export async function withSession<Result>(
  order: StylizeOrder,
  work: (session: StylizeSession) => Promise<Result>,
): Promise<Result> {
  const options = orderOptions(order);
  const settings = resolveStylizeSettings(options);
  if (order.styles.length === 0) {
    throw new StyleError('E_ARGUMENT', 'No painting was named.', 'Name at least one style picture.');
  }
  return withRuntime(order, async (runtime) => {
    const [styles, initial, masks, resume, network] = await Promise.all([
      Promise.all(order.styles.map((style) => readImage(style))),
      order.initial === undefined ? undefined : readImage(order.initial),
      readMasks(order),
      order.resume === undefined ? undefined : readState(order.resume),
      loadNetwork(settings.preset, order.network),
    ]);
    return work({ options, settings, runtime, network, styles, initial, masks, resume });
  });
}

async function readMasks({ mask, contentMask, styleMasks }: StylizeOrder): Promise<StylizeMasks> {
  const read = async (path: string | undefined): Promise<Image | undefined> =>
    path === undefined ? undefined : readImage(path);
  const named = (text: string): boolean => text === 'all' || parseRegionColor(text) !== undefined;
  const ofStyle = async (text: string): Promise<StyleMask> => (named(text) ? text : readImage(text));
  return {
    mask: await read(mask),
    contentMask: await read(contentMask),
    styleMasks: styleMasks && (await Promise.all(styleMasks.map(ofStyle))),
  };
}

async function readState(path: string): Promise<StylizeState> {
  try {
    return decodeState(await readWeightsFile(path), path);
  } catch (error) {
    // The file is a state or nothing: what the reader of weights says of it would lead astray.
    if (!(error instanceof StyleError) || error.code === 'E_STATE') throw error;
    throw new StyleError(
      error.code === 'E_INPUT_MISSING' ? 'E_INPUT_MISSING' : 'E_STATE',
      error.code === 'E_INPUT_MISSING'
        ? `There is no state file "${path}".`
        : `"${path}" is not a state that stylize saved.`,
      'Give the file that an interrupted run named, or start anew without --resume.',
      { cause: error },
    );
  }
}

/** The versions of what the numbers come from. */
export const versions: Versions = {
  pastiche: packageVersion,
  onnxruntime: onnxRuntimeVersion,
  node: process.versions.node,
};

/** What a session runs with, in words and numbers. */
export function environmentOf({ settings, network, runtime }: StylizeSession): RunEnvironment {
  const { device, threads } = runtime;
  return { settings, network: network.name, device, threads, versions };
}
