import { StyleError, type StyleErrorCode } from '../errors.js';

/** HTTP's status for errors by their code; those that are not here are the service's own. */
const statuses: Readonly<Partial<Record<StyleErrorCode, number>>> = {
  E_ARGUMENT: 400,
  E_UPLOAD: 400,
  E_KEY: 401,
  E_REFUSED: 403,
  E_NOT_FOUND: 404,
  E_CONFLICT: 409,
  E_IMAGE_DECODE: 422,
  E_IMAGE_SIZE: 422,
  E_IMAGE_FORMAT: 422,
  E_FFMPEG: 422,
  E_FILM_DECODE: 422,
  E_FILM_FORMAT: 422,
  E_LAYER: 422,
  E_WEIGHTS_MISSING: 422,
  E_MEMORY: 422,
  E_NUMERIC: 422,
  E_WORKER: 422,
  E_TIME: 422,
};

/** An error with the status that a request is refused with. */
export class RequestRefusal extends StyleError {
  constructor(
    readonly status: number,
    code: StyleErrorCode,
    message: string,
    remedy: string,
    /** Seconds after which another try makes sense. */
    readonly retryAfter?: number,
  ) {
    super(code, message, remedy);
  }
}

/** What is said to others where the storage of pictures fails: where that is, is the operator's business. */
export const storageAway = (): RequestRefusal =>
  new RequestRefusal(
    503,
    'E_STORAGE',
    "The service can't store or read pictures at present.",
    'Send it again later.',
    5,
  );

/** The status that a request is answered with when it fails so. */
export function statusOf(code: string): number {
  return statuses[code as StyleErrorCode] ?? 500;
}

/** The refusal of what is asked for a job that this key has none of: whether another one has, is not told. */
export const noSuchJob = (id: string): RequestRefusal =>
  new RequestRefusal(
    404,
    'E_NOT_FOUND',
    `There is no job ${JSON.stringify(id)}.`,
    'See the list of jobs; those that ended are deleted after a while.',
  );
