/** Some of a film's frames, by their numbers from 0. */
export interface FrameRange {
  readonly from: number;
  /** The first one that doesn't belong to it any more; undefined for all that there are. */
  readonly to?: number | undefined;
}

/** Frames that are painted by themselves, to be joined with others. */
export interface SegmentRequest extends FrameRange {
  /** Frames before its first that are painted and not written, where its pictures depend on those before them. */
  readonly leadIn: number;
}

/** How many frames there are, and when they are shown: microseconds from where the source begins. */
export interface FilmTimes {
  readonly frames: number;
  readonly first: number;
  readonly last: number;
  readonly beforeLast: number;
}

/** Painted frames in a file of their own, in the form that a film is written in. */
export interface FilmSegment extends FilmTimes {
  readonly path: string;
}
