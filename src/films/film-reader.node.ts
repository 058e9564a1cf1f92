import type { Readable } from 'node:stream';
import { abortError } from '../abort.js';
import { StyleError } from '../errors.js';
import { createImage, type Image, type Size } from '../images/image.js';
import { fileAddress, FilmProcess, readingFilesOnly, type FilmTools } from './ffmpeg.node.js';
import type { Film } from './film-probe.node.js';
import type { FrameRange } from './film-segments.js';

/** A frame of a film. */
export interface FilmFrame {
  readonly image: Image;
  /** When it is shown, from where the file begins. */
  readonly microseconds: number;
}

/** How frames are read. */
export interface FrameReading {
  /** Those that are read. @defaultValue all */
  readonly range?: FrameRange | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is told once, with what ffmpeg says, when something can't be decoded; what can goes on. */
  readonly onBroken?: (reason: string) => void;
}

/**
 * The frames of a film one after the other, each once and none twice, upright and at a size. ffmpeg waits while nobody asks for the
 * next one.
 * @throws StyleError `E_FILM_DECODE` when there is not one that can be decoded; AbortError when the signal says so
 */
export async function* readFrames(
  tools: FilmTools,
  film: Film,
  { width, height }: Size,
  { signal, onBroken, range }: FrameReading = {},
): AsyncGenerator<FilmFrame, void, void> {
  let told = false;
  const reader = new FilmProcess(
    tools.ffmpeg,
    decoding(film, { width, height }, range),
    ['ignore', 'pipe', 'pipe', 'pipe'],
    (line) => {
      if (!told) onBroken?.(line);
      told = true;
    },
  );
  const stop = (): void => reader.kill();
  signal?.addEventListener('abort', stop);
  try {
    const times = new FrameTimes(reader.child.stdio[3] as Readable);
    let count = 0;
    for await (const bytes of wholeFrames(reader.child.stdout!, 3 * width * height)) {
      const microseconds = await times.next();
      if (microseconds === undefined) break;
      count += 1;
      yield { image: imageOf(bytes, width, height), microseconds };
    }
    if (signal?.aborted === true) throw abortError(signal);
    const code = await reader.exitCode();
    // Of a segment that begins later there may be none: how many frames there are is known about.
    if (count === 0 && (range?.from ?? 0) === 0) {
      const reason = reader.errorLines > 0 ? reader.reason : 'it has no frames';
      throw new StyleError(
        'E_FILM_DECODE',
        `Not one frame of "${film.path}" can be decoded: ${reason}.`,
        'Check that it plays; a new copy may help.',
      );
    }
    if (code !== 0 && !told) onBroken?.(`it ended with ${code}`);
  } finally {
    signal?.removeEventListener('abort', stop);
    reader.kill();
  }
}

/** What ffmpeg is told: rotation is its own doing, and so is leaving out what can't be decoded. */
function decoding(film: Film, { width, height }: Size, range: FrameRange | undefined): string[] {
  const matrix = film.matrix === undefined ? '' : `:in_color_matrix=${film.matrix}`;
  const to = range?.to === undefined ? '' : `:end_frame=${range.to}`;
  const filters = [
    ...film.filters,
    ...(range === undefined ? [] : [`trim=start_frame=${range.from}${to}`]),
    `scale=${width}:${height}:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp${matrix}`,
    'format=rgb24',
    // Of frames with a value of their own, the times are written beside the frames, in the unit of this clock.
    'settb=1/1000000',
    'metadata=mode=add:key=pastiche:value=1',
    "metadata=mode=print:file='pipe\\:3':direct=1",
  ];
  return [
    ...['-nostdin', '-v', 'error', ...readingFilesOnly, '-i', fileAddress(film.path)],
    ...['-map', `0:${film.stream}`, '-vf', filters.join(','), '-fps_mode', 'passthrough'],
    ...['-f', 'rawvideo', '-'],
  ];
}

/** The bytes of one frame after the other; what is left of a last one that isn't whole is dropped. Each is overwritten by the next. */
async function* wholeFrames(stream: Readable, length: number): AsyncGenerator<Uint8Array, void, void> {
  const frame = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + length - filled);
      frame.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === length) {
        filled = 0;
        yield frame;
      }
    }
  }
}

/** Bytes of red, green and blue of each pixel as planes in [0, 1]. */
function imageOf(bytes: Uint8Array, width: number, height: number): Image {
  const pixels = width * height;
  const rgb = new Float32Array(3 * pixels);
  for (let i = 0, at = 0; i < pixels; i += 1, at += 3) {
    rgb[i] = bytes[at]! / 255;
    rgb[pixels + i] = bytes[at + 1]! / 255;
    rgb[2 * pixels + i] = bytes[at + 2]! / 255;
  }
  return createImage(width, height, rgb);
}

/** The times of frames, as ffmpeg's metadata filter writes them: `frame:0 pts:0 pts_time:0`, and the frame's own value. */
class FrameTimes {
  private readonly known: number[] = [];
  private readonly waiting: ((time: number | undefined) => void)[] = [];
  private unfinished = '';
  private ended = false;
  private last = -1;

  constructor(stream: Readable) {
    stream.setEncoding('utf8').on('data', (text: string) => this.take(text));
    const end = (): void => {
      this.ended = true;
      for (const resolve of this.waiting.splice(0)) resolve(undefined);
    };
    stream.on('close', end).on('end', end).on('error', end);
  }

  /** Of the next frame; undefined where there is none any more. */
  next(): Promise<number | undefined> {
    const time = this.known.shift();
    if (time !== undefined || this.ended) return Promise.resolve(time);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private take(text: string): void {
    const lines = (this.unfinished + text).split('\n');
    this.unfinished = lines.pop()!;
    for (const line of lines) {
      const [, pts] = /^frame:\d+\s+pts:(\S+)/.exec(line) ?? [];
      if (pts === undefined) continue;
      // A frame without a time, or with one of before, comes right after the one before it.
      const time = Number(pts);
      this.last = Number.isFinite(time) && time > this.last ? time : this.last + 1;
      const resolve = this.waiting.shift();
      if (resolve === undefined) this.known.push(this.last);
      else resolve(this.last);
    }
  }
}
