import type { StyleError } from '../errors.js';
import type { StageProgress } from '../progress.js';
import type { OptimizedPicture } from '../methods/optimize-scales.js';
import type { StylizeEstimate } from '../methods/stylize/estimate.js';
import type { StylizeOptions, StylizeSettings } from '../methods/stylize/options.js';
import type { ScalePlan } from '../methods/stylize/scales.js';
import type { StylizeIteration } from '../methods/stylize/stylizer.js';
import type { MachineOrder } from './machine.node.js';
import type { EncodingOrder } from './picture-encoding.js';

/** A stylisation of picture files: what, after what, how, and where to. */
export interface StylizeOrder extends MachineOrder, EncodingOrder {
  /** A photograph, several, or a folder of them. */
  readonly content: string | readonly string[];
  /** At least one painting; they are blended. */
  readonly styles: readonly string[];
  /** A file; a folder where there are several photographs. The suffix says the format. */
  readonly output: string;
  /** How; see {@link StylizeOptions}. */
  readonly options?: StylizeOptions | undefined;
  /** A picture to start from. */
  readonly initial?: string | undefined;
  /** What is painted: white; black stays the photograph. For one photograph only, as the other masks. */
  readonly mask?: string | undefined;
  /** The photograph's regions, one for each flat colour. */
  readonly contentMask?: string | undefined;
  /** Where the regions are in each painting, in their order: a picture, a colour (the whole painting is for that region) or `all`. */
  readonly styleMasks?: readonly string[] | undefined;
  /** A file of weights or a network's name. @defaultValue the preset's network */
  readonly network?: string | undefined;
  /** Write the picture and the state of the work every so many steps, as `OUT-000050.png` and `OUT.state.safetensors`. */
  readonly saveEvery?: number | undefined;
  /** A JSON file for the settings and the losses of every step; for one photograph only. */
  readonly trace?: string | undefined;
  /** An HTML page about the work, rewritten while it goes on; for one photograph only. */
  readonly report?: string | undefined;
  /** A state file to go on from; for one photograph only. */
  readonly resume?: string | undefined;
  /** Bytes that the work may take. @defaultValue what the system says is free */
  readonly memoryLimit?: number | undefined;
  /** Ends the work after the current step; the best picture so far and the state are saved. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: StylizeFilesProgress) => void) | undefined;
}

/** A photograph's turn begins. */
export interface PictureProgress {
  readonly type: 'picture';
  /** From 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  readonly content: string;
  readonly output: string;
  readonly plan: ScalePlan;
  readonly estimate: StylizeEstimate;
}

/** A file is written, or something did not go as it should and the work goes on. */
export type FileProgress =
  | { readonly type: 'saved'; readonly kind: 'intermediate' | 'state'; readonly path: string }
  | { readonly type: 'failed'; readonly content: string; readonly error: Error }
  | { readonly type: 'warning'; readonly message: string };

export type StylizeFilesProgress = PictureProgress | FileProgress | StageProgress | StylizeIteration;

/** One photograph done. */
export interface StylizedFile extends Omit<OptimizedPicture, 'image'> {
  readonly content: string;
  readonly output: string;
  /** Of the picture written. */
  readonly width: number;
  readonly height: number;
  /** From reading to writing. */
  readonly seconds: number;
  /** The saved state, of work that was stopped. */
  readonly state: string | undefined;
  /** Pictures saved on the way. */
  readonly intermediates: readonly string[];
}

/** One photograph of several that could not be done. */
export interface FailedFile {
  readonly content: string;
  readonly error: StyleError | Error;
}

/** What a program was run with, for reports and for comparing results. */
export interface RunEnvironment {
  readonly settings: StylizeSettings;
  /** The network's name or path as it was found. */
  readonly network: string;
  readonly device: string;
  readonly threads: number;
  readonly versions: Versions;
}

export interface Versions {
  readonly pastiche: string;
  readonly onnxruntime: string;
  readonly node: string;
}

export interface StylizeFilesResult extends RunEnvironment {
  /** Whether there may be several photographs. */
  readonly batch: boolean;
  readonly pictures: readonly StylizedFile[];
  readonly failures: readonly FailedFile[];
  /** Photographs that were not begun, because the work was stopped. */
  readonly left: readonly string[];
  readonly seconds: number;
}
