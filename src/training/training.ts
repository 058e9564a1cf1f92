import { z } from 'zod';
import type { Image } from '../images/image.js';
import type { VggWeights } from '../networks/vgg-weights.js';
import type { Runtime } from '../runtime/runtime.js';
import type { TrainingTask } from './training-task.js';

/** What every training has among its settings. */
export interface TrainingSettings {
  /** Side of the crops in pixels, and crops in a step. */
  readonly size: number;
  readonly batch: number;
  /** Steps in all. */
  readonly steps: number;
  /** Of all random numbers. */
  readonly seed: number;
}

/** A file or files that a network is trained after, beside the pictures that it learns from. */
export interface TrainingInput {
  readonly name: string;
  readonly description: string;
  /**
   * A network is named, or a file of its weights; pictures are one file or more, read at once; a collection is folders and files, read
   * one by one, of which some are held out; models are files of ours.
   */
  readonly kind:
    'network' | 'pictures' | 'collection' | 'style-model' | 'any-style-model' | 'enlarging-model';
  /** What is taken where it is left out; without it, nothing else can be taken. */
  readonly default?: string;
  /** Whether it may be left out with nothing in its place. */
  readonly optional?: boolean;
}

/** Files by the names of the inputs that they are for. */
export type InputFiles = Readonly<Record<string, string | readonly string[]>>;

/** A picture that is read when it is needed. */
export interface PictureFile {
  readonly name: string;
  /** @throws StyleError as `readImage` */
  read(): Promise<Image>;
}

/** Many pictures, by what they are for. */
export interface PictureCollection {
  readonly training: readonly PictureFile[];
  readonly heldOut: readonly PictureFile[];
}

/** Batches of pictures, `[batch, 3, size, size]`. */
export interface PictureSource {
  next(): Promise<{ readonly index: number; readonly values: Float32Array }>;
}

/** A source of pictures that must be closed. */
export interface OpenPictureSource extends PictureSource {
  close(): Promise<void>;
}

/** What a network learns from. */
export interface TrainingData {
  /** Opens the training pictures at a batch: batch `i` is the same wherever the source started. */
  readonly open: (start: number) => Promise<OpenPictureSource>;
  /** Loads one batch of pictures that the network is not trained on, RGB in [0, 1]. */
  readonly validation: () => Promise<Float32Array>;
}

/** What a training begins with. */
export interface TrainingStart<Settings, Inputs> extends TrainingData {
  readonly settings: Settings;
  readonly inputs: Inputs;
  /** They share each batch. */
  readonly runtimes: readonly Runtime[];
  /** Cancels what comes before the first step, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A network that is being trained. */
export interface NetworkTask extends TrainingTask {
  /** What is known of it once it is designed, by name, for pages and results: `widths`, `styles`. */
  readonly design: Readonly<Record<string, readonly (number | string)[]>>;
  /**
   * The network as it is now, as a file.
   * @param metadata the file's words about itself
   */
  encode(metadata: Readonly<Record<string, string>>): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/**
 * A kind of network that can be trained, as one value. Its command with flags and help, its work on files, checkpoints,
 * display and page are derived from it; `trainings.ts` lists them all.
 */
export interface Training<
  Settings extends TrainingSettings = TrainingSettings,
  Inputs extends object = Readonly<Record<string, VggWeights>>,
> {
  /** Kebab-case: the name of the command. */
  readonly name: string;
  /** One line. */
  readonly description: string;
  readonly inputs: readonly TrainingInput[];
  /** What can be set, with defaults and descriptions. */
  readonly options: z.ZodObject;
  /** For help texts: files by the name of the input, and where the network goes. */
  readonly example: { readonly inputs: InputFiles; readonly output: string };
  /** What the losses of a validation are. */
  readonly validation: string;
  /** The option of methods that takes the network, where there is one. */
  readonly usedAs?: string;
  /** Text for the help. */
  readonly notes: string;
  /**
   * Checks options and fills in what is left out.
   * @throws StyleError `E_ARGUMENT` that names the option which can't be used
   */
  resolve(options: object): Settings;
  /** @throws StyleError for inputs that the network can't learn from, such as a teacher without some of the layers */
  begin(start: TrainingStart<Settings, Inputs>): NetworkTask;
  /**
   * What is made from what, such as `small.safetensors, distilled from vgg19`.
   * @param names the inputs' names
   */
  title(output: string, names: Readonly<Record<string, string>>): string;
  /** What the file says of what it was made from. */
  origin(names: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list holds trainings of all kinds
export type AnyTraining = Training<any, any>;

/** How often something is done on the way, whatever is trained: what can be set, and the defaults. */
export const courseOptionsSchema = z.strictObject({
  keep: z.int().min(1).describe('checkpoints that stay').default(3),
  checkpointEvery: z.int().min(1).describe('steps between checkpoints').default(500),
  validateEvery: z.int().min(1).describe('steps between validations').default(250),
});
