import type { AnyStyleModel } from '../networks/any-style-model.js';
import type { EnlargingModel } from '../networks/enlarging-model.js';
import type { MagentaPart } from '../networks/magenta.js';
import type { PaintingStyle } from '../networks/painting-style.js';
import type { PictureModel } from '../networks/picture-model.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import type { ModelRecord } from './registry.js';
import type { VggDescription } from './vgg-description.js';

/** A known network, and where it is. */
export interface KnownModel extends ModelRecord {
  /** Its file, the first one of several, or undefined where it is not installed. */
  readonly path: string | undefined;
}

/** What happens in a download. */
export type DownloadProgress =
  /** Bytes there so far, those of an earlier try included, and how many there will be, as far as known. */
  | { readonly type: 'bytes'; readonly received: number; readonly total: number | undefined }
  /** A try failed; the next begins after a pause. */
  | { readonly type: 'retry'; readonly reason: string; readonly milliseconds: number }
  /** Everything is there and is being compared with what was published. */
  | { readonly type: 'verify' };

/** How a network is downloaded. */
export interface PullOptions {
  /**
   * Another address to get the same file from: a mirror. Of a network with several files it is the folder that has them, under their
   * names in {@link KnownModel}. @defaultValue where it is published
   */
  readonly from?: string | undefined;
  /** Where to put the file; made when absent. @defaultValue the cache, where it is found by its name */
  readonly folder?: string | undefined;
  /** Stops the download; what has been received stays, and the next pull resumes from there. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** What a file of Magenta's network is. */
export interface MagentaDescription {
  readonly architecture: 'magenta';
  readonly part: MagentaPart;
  /** One line for people: `Magenta's style prediction, 64 operators`. */
  readonly text: string;
}

/** A network's file after a download. */
export interface PulledModel {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** True when a sound file was there before, and nothing was downloaded. */
  readonly present: boolean;
  /** The other files of a network that has several. */
  readonly also?: readonly PulledModel[];
}

/** The outcome of a check that found nothing wrong. */
export interface ModelVerification {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** What the bytes were compared with, most trustworthy first; empty when nothing was known of them. */
  readonly matches: readonly ('published' | 'recorded')[];
  readonly network: VggDescription | MagentaDescription;
  /** The other files of a network that was found by its name and has several. */
  readonly also?: readonly ModelVerification[];
}

/** A network's numbers, and what they are called. */
export interface LoadedNetwork<
  Weights = VggWeights | PictureModel | PaintingStyle | AnyStyleModel | EnlargingModel,
> {
  /** The name that was asked for or found; of a path, the file's name. */
  readonly name: string;
  /** Of a network that losses are measured with, or of a model that makes pictures. */
  readonly weights: Weights;
}

/** Which kind of network a method computes with. */
export type NetworkKind = 'perceptual' | 'model' | 'any-style-model' | 'enlarging-model';
