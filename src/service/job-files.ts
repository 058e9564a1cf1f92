import type { ResultFile } from './job.js';

/** A file that is read. */
export interface StoredFile {
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Where the files of jobs are kept. A job's files have names of ours, never those of an upload. */
export interface JobFiles {
  /**
   * Stores a file. Once the promise is kept, it survives the end of the process.
   * @throws what `content` throws; nothing is left of the file then
   */
  save(job: string, name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  read(job: string, name: string): Promise<StoredFile | undefined>;
  /**
   * A folder of the local disk with the files of a job, which a worker reads and writes; each one is left again.
   * @param names of those that are needed; all unless given
   */
  checkOut(job: string, names?: readonly string[]): Promise<string>;
  /** Stores what a worker has written there under these names, such as its state; what it hasn't written is left out. */
  checkIn(job: string, names: readonly string[]): Promise<void>;
  /**
   * Stores results that a worker has written there, each once: what another worker has published before stays, however late this one
   * is.
   * @returns them with the bytes of what is stored
   */
  publish(job: string, results: readonly ResultFile[]): Promise<readonly ResultFile[]>;
  /** Tells that one who has checked a job out, or failed to, works in its folder no more. */
  leave(job: string): Promise<void>;
  /** Removes all files of a job but these. */
  keepOnly(job: string, names: readonly string[]): Promise<void>;
  remove(job: string): Promise<void>;
  /** All jobs that have files, with the time of the last change in milliseconds since 1970. */
  jobs(): Promise<readonly { readonly id: string; readonly changed: number }[]>;
}
