/**
 * Stable codes of the errors that Pastiche throws on purpose. A code never changes its meaning;
 * the sentence beside it may be reworded.
 */
export type StyleErrorCode =
  | 'E_ARGUMENT' // an option, a size or a combination of options is not usable
  | 'E_SHAPE' // two tensor shapes do not fit together
  | 'E_GRAPH' // an expression can't be computed in the way that is asked for
  | 'E_LAYER' // a network has no layer of that name
  | 'E_DEVICE' // this machine has no such execution device
  | 'E_MEMORY' // the work would not fit into the memory that is free
  | 'E_INPUT_MISSING' // a file or folder to be read does not exist
  | 'E_INPUT_KIND' // a folder where a file is needed, or the other way round
  | 'E_INPUT_PERMISSION' // a file or folder to be read may not be read
  | 'E_IMAGE_DECODE' // a file is not a picture, or a broken one
  | 'E_IMAGE_SIZE' // a picture is too large or too small for the work
  | 'E_IMAGE_FORMAT' // a picture format that can't be written
  | 'E_FFMPEG' // ffmpeg, which films need, is not there, too old, or lacks or fails something
  | 'E_FILM_DECODE' // a file is no film, or one without a frame that can be read
  | 'E_FILM_FORMAT' // a kind of film that can't be written
  | 'E_OUTPUT' // an output file or folder can't be written
  | 'E_WEIGHTS_FORMAT' // a weights file is broken or of no known format
  | 'E_WEIGHTS_CONTENT' // a weights file holds other tensors than the network needs, or broken numbers
  | 'E_WEIGHTS_MISSING' // no weights file of that name was found
  | 'E_DOWNLOAD' // a download failed
  | 'E_DOWNLOAD_HASH' // a downloaded file is not what was published
  | 'E_STATE' // a saved state does not belong to this work
  | 'E_NUMERIC' // a loss or a picture is no longer a finite number
  | 'E_TRAINING_DIVERGED' // a training's loss has grown beyond all bounds
  | 'E_TRAINING_STUCK' // a training has come to where it can't go on: no gradient, or pictures of one colour
  | 'E_KEY' // a request to the service has no API key, or one that is not known
  | 'E_REFUSED' // the service takes no requests from there
  | 'E_NOT_FOUND' // the service has no such job, file or address
  | 'E_CONFLICT' // a job is not in the state that is needed, or an idempotency key was used for another one
  | 'E_UPLOAD' // a request's form or one of its files is not what the service takes
  | 'E_LIMIT' // a request is beyond a limit of the service: bytes, length of the queue, requests a minute
  | 'E_TIME' // work took longer than it may
  | 'E_STORAGE' // the storage of the service's pictures refuses, is away, or gives less than was stored
  | 'E_WORKER' // the process that computed a job ended
  | 'E_CHILDREN' // of a job of several photographs, some could not be done
  | 'E_RUNTIME'; // ONNX Runtime refused or failed a graph

/** What belongs to a {@link StyleError} beside its text. */
export interface StyleErrorOptions extends ErrorOptions {
  /** The option the error is about, in camelCase as in the API: `'device'`, `'maxPixels'`. */
  readonly option?: string;
}

/**
 * An error that a person can act on: what went wrong with the offending value in one sentence, and the remedy in another.
 * Everything else that escapes from Pastiche is a defect of ours.
 * @example
 * ```ts
 * import { readImage, StyleError } from 'pastiche';
 *
 * try {
 *   await readImage('nowhere.jpg');
 * } catch (error) {
 *   if (!(error instanceof StyleError)) throw error;
 *   console.error(error.code, error.message, error.remedy); // E_INPUT_MISSING There is no file "nowhere.jpg". ...
 * }
 * ```
 */
export class StyleError extends Error {
  override readonly name = 'StyleError';

  /** The option the error is about, in camelCase as in the API, where it is about one. */
  readonly option: string | undefined;

  /**
   * @param code stable identifier, see {@link StyleErrorCode}
   * @param message one sentence that names the offending value
   * @param remedy one sentence that says what to do
   */
  constructor(
    readonly code: StyleErrorCode,
    message: string,
    readonly remedy: string,
    options?: StyleErrorOptions,
  ) {
    super(message, options);
    this.option = options?.option;
  }
}

/** The error for an option that can't be used: `E_ARGUMENT`, with what a {@link StyleError} takes beside it. */
export const argumentError = (option: string, message: string, remedy: string): StyleError =>
  new StyleError('E_ARGUMENT', message, remedy, { option });
