import type { FilmSegment } from '../films/film-segments.js';
import type { PictureDivision } from '../methods/division.js';
import type { JobProgress, JobResult, Problem } from './job.js';
import type { JobRequest } from './job-store.js';

/** What a worker is asked to do. */
export type WorkerRequest =
  | {
      readonly type: 'run';
      readonly request: JobRequest;
      /** The job's folder: its result and its state come there. */
      readonly folder: string;
      /** Where its pictures are: in the same one, or in that of the job that it is a part of. */
      readonly pictureFolder: string;
      /** Whether others like it follow, which differ from it by their photograph only. */
      readonly isOneOfSeveral: boolean;
      readonly maxPixels: number;
      readonly memoryLimit: number;
      /** It is to stop as soon as there is something to keep. */
      readonly stopAtOnce: boolean;
      readonly saveEverySeconds: number;
      /** Of a part of a picture: the files of all parts of the round before, in order. */
      readonly before?: readonly string[] | undefined;
    }
  | {
      /** Whether files are pictures, by reading all of them. */
      readonly type: 'check';
      readonly folder: string;
      /** Names of files with what they are called in errors. */
      readonly files: readonly { readonly file: string; readonly name: string }[];
      readonly maxPixels: number;
      /** The file of a film that is looked at, and what it is to be called when it is painted, which says its format. */
      readonly film?: { readonly file: string; readonly output: string } | undefined;
      /** The request for a picture that may be divided. */
      readonly divided?: JobRequest | undefined;
    }
  | {
      /** Joins the parts of a picture, whose files these are. */
      readonly type: 'assemble';
      readonly output: string;
      readonly parts: readonly string[];
    }
  | {
      /** Joins the segments of a film. */
      readonly type: 'join';
      /** Where the film goes that is made of them. */
      readonly output: string;
      /** The film that they are made from. */
      readonly source: string;
      readonly segments: readonly FilmSegment[];
    };

/** What is told to a worker while it works: to stop after this step, with the best so far. */
export interface WorkerStop {
  readonly type: 'stop';
}

/** What a worker tells while it works. */
export type WorkerEvent =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  /** A small JPEG. */
  | { readonly type: 'preview'; readonly image: Uint8Array }
  /** Its state is saved. */
  | { readonly type: 'saved' }
  /** Bytes of memory that it takes. */
  | { readonly type: 'memory'; readonly bytes: number };

/** How work ends. `stopped` where nothing came of it before it was stopped. */
export type WorkerAnswer =
  | { readonly type: 'finished'; readonly result: JobResult }
  /** `frames` is how many a film has about, where it says so; `division` is how the picture can be divided. */
  | {
      readonly type: 'checked';
      readonly frames?: number | undefined;
      readonly division?: PictureDivision | undefined;
    }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly problem: Problem };

export const isAnswer = (message: WorkerEvent | WorkerAnswer): message is WorkerAnswer =>
  message.type === 'finished' ||
  message.type === 'checked' ||
  message.type === 'stopped' ||
  message.type === 'failed';
