/** What one request, one job and all of them may take. */
export interface ServiceLimits {
  /** Bytes of a request's pictures together. */
  readonly uploadBytes: number;
  /** Bytes of a request's options. */
  readonly optionBytes: number;
  /** How many pictures a job may have. */
  readonly pictures: number;
  /** How many photographs a request may have, and into how many segments a film is divided, each of them a job. */
  readonly photographs: number;
  /** Frames of such a segment, unless it has to have more: so many that beginning one is a small part of it. */
  readonly segmentFrames: number;
  /** Pixels of a part that a larger picture is divided into where the method can, each of them done by any worker. */
  readonly partPixels: number;
  /** Seconds until a request has to be there as a whole. */
  readonly uploadSeconds: number;
  /** Pixels of a picture, uploaded or made. */
  readonly pixels: number;
  /** How many jobs may be queued. */
  readonly queue: number;
  /** Seconds that a job may be computed; then it ends with the best so far. */
  readonly jobSeconds: number;
  /** Seconds that a picture in one pass may take. */
  readonly fastSeconds: number;
  /** Bytes of memory that a job may take. */
  readonly jobMemory: number;
  /** Requests a minute of one key, or of one address where there is none. */
  readonly requestsPerMinute: number;
  /** Seconds until a job that has ended is deleted. */
  readonly keepSeconds: number;
}

/** Limits for a small machine; the memory of a job depends on the machine. */
export const defaultLimits: Omit<ServiceLimits, 'jobMemory'> = {
  uploadBytes: 50_000_000,
  optionBytes: 65_536,
  pictures: 16,
  photographs: 200,
  segmentFrames: 240,
  partPixels: 8_000_000,
  uploadSeconds: 60,
  pixels: 25_000_000,
  queue: 1000,
  jobSeconds: 3600,
  fastSeconds: 60,
  requestsPerMinute: 300,
  keepSeconds: 86_400,
};
