import type { LoadedNetwork } from '../weights/models.js';
import type { CallOptions } from '../api/method-function.js';
import type { MethodOutcome } from '../methods/method.js';
import type { MethodPlan } from '../methods/plan.js';

/** A method applied to files. The signal ends it after the current step; the best result so far and the state are saved. */
export interface FilesRequest extends Omit<CallOptions, 'resume'> {
  /** Paths by role. Of the method's first role there may be several, or a folder: then there is a result for each. */
  readonly pictures: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A file, whose suffix says the format; a folder where there are several results. */
  readonly output?: string | undefined;
  /** The method's options. */
  readonly options?: object | undefined;
  /** A network's name or a file of weights. @defaultValue the method's network */
  readonly network?: string | undefined;
  /** 1 to 100, for JPEG, WebP and AVIF. */
  readonly quality?: number | undefined;
  /** 16 for PNG and TIFF. @defaultValue 8 */
  readonly bitDepth?: 8 | 16 | undefined;
  /** Write the picture and the state to resume from every so many steps, as `OUT-000050.png` and `OUT.state.safetensors`. */
  readonly saveEvery?: number | undefined;
  /** A JSON file for the settings and the losses of every step; for one result only. */
  readonly trace?: string | undefined;
  /** An HTML page about the run, rewritten while it goes on; for one result only. */
  readonly report?: string | undefined;
  /** A state file to go on from; for one result only. */
  readonly resume?: string | undefined;
  /** What the trace and the page say of how to do the same again. */
  readonly command?: string | undefined;
}

/** The paths, or words, of a role. */
export function filesOf({ pictures }: Pick<FilesRequest, 'pictures'>, role: string): readonly string[] {
  const named = pictures[role];
  return named === undefined ? [] : typeof named === 'string' ? [named] : named;
}

/** Versions of what the numbers come from. */
export interface Versions {
  readonly pastiche: string;
  readonly onnxruntime: string;
  readonly node: string;
}

/** What results were computed with. */
export interface RunEnvironment {
  readonly method: string;
  readonly settings: object;
  /** undefined where the method uses no network. */
  readonly network: LoadedNetwork['name'] | undefined;
  readonly device: string | undefined;
  readonly threads: number | undefined;
  readonly versions: Versions;
}

/** One result. */
export interface FileResult<Outcome extends MethodOutcome = MethodOutcome> {
  /** The file that it is about. */
  readonly input: string;
  /** undefined where the method gives numbers only. */
  readonly output: string | undefined;
  /** Of the picture that was written, of those on the page, or else of the picture that it is about. */
  readonly width: number;
  readonly height: number;
  readonly outcome: Outcome;
  /** From reading to writing. */
  readonly seconds: number;
  /** The saved state, of a run that was stopped. */
  readonly state: string | undefined;
  /** Pictures saved on the way. */
  readonly intermediates: readonly string[];
}

/** One of several that could not be done. */
export interface FailedFile {
  readonly input: string;
  readonly error: Error;
}

export interface FilesResult extends RunEnvironment {
  /** Whether there may be several. */
  readonly batch: boolean;
  readonly results: readonly FileResult[];
  readonly failures: readonly FailedFile[];
  /** Files that were not begun, because the run was stopped. */
  readonly remaining: readonly string[];
  readonly seconds: number;
}

/** What one file will take. */
export interface PlannedFile {
  readonly input: string;
  readonly output: string | undefined;
  readonly plan: MethodPlan;
  /** undefined where nothing is optimised. */
  readonly seconds: number | undefined;
}

export interface FilesPlan extends RunEnvironment {
  readonly batch: boolean;
  readonly files: readonly PlannedFile[];
  /** Bytes of memory that are available now. */
  readonly availableBytes: number;
  /** Measured floating-point operations a second. */
  readonly operationsPerSecond: number | undefined;
}
