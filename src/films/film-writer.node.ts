import { StyleError } from '../errors.js';
import type { Image, Size } from '../images/image.js';
import { moveIntoPlace, withUnfinished } from '../replace-file.node.js';
import { feed, fileAddress, FilmProcess, runTool, type FilmTools } from './ffmpeg.node.js';
import { bringTogether } from './film-joining.node.js';
import { defaultFilmQuality, filmFormatOf, type FilmFormat } from './film-formats.js';
import type { Film } from './film-probe.node.js';
import type { FilmTimes } from './film-segments.js';
import { rawFrameHead, rawStreamHead } from './raw-matroska.js';

/** A film that is to be written. */
export interface FilmTarget {
  readonly tools: FilmTools;
  /** The film that its frames are made from: its times, its sound and its titles are kept. */
  readonly source: Film;
  /** Where it goes; the suffix says the format. */
  readonly output: string;
  /** Of its frames. */
  readonly size: Size;
  /** 1 to 100. @defaultValue 70 */
  readonly quality?: number | undefined;
  /** Is told what can't be kept. */
  readonly onWarning?: (message: string) => void;
  /** Whether it is one of several to be joined, which has no sound and is in the form that it is written in. */
  readonly isSegment?: boolean | undefined;
}

/**
 * Writes a film frame by frame into a file beside its place, which plays up to where it ends; in the end it gets its sound and takes
 * its place.
 */
export class FilmWriter {
  /** Frames that were handed over. */
  frames = 0;
  private first = 0;
  private last = 0;
  private beforeLast = 0;
  private readonly encoder: FilmProcess;
  private readonly format: FilmFormat;
  private readonly stored: Size;
  private readonly bytes: Uint8ClampedArray;

  private constructor(
    private readonly target: FilmTarget,
    private readonly working: string,
  ) {
    this.format = filmFormatOf(target.output);
    const { width, height } = target.size;
    const { evenSides } = this.format;
    this.stored = {
      width: width + (evenSides ? width % 2 : 0),
      height: height + (evenSides ? height % 2 : 0),
    };
    this.bytes = new Uint8ClampedArray(3 * this.stored.width * this.stored.height);
    this.encoder = new FilmProcess(target.tools.ffmpeg, this.encoding(), ['pipe', 'ignore', 'pipe']);
  }

  /**
   * Writes a film. Where `use` throws, or is done early, the frames so far are kept as a film that plays.
   * @param use writes the frames; whether the film is whole then
   * @throws StyleError `E_OUTPUT` when it can't be written, `E_FFMPEG` when it can't be encoded, or what `use` throws; each with the
   * number of frames that are there in its remedy
   */
  static async write(
    target: FilmTarget,
    use: (writer: FilmWriter) => Promise<'whole' | 'part'>,
  ): Promise<void> {
    await withUnfinished(target.output, async (working) => {
      const writer = new FilmWriter(target, working);
      try {
        const extent = await use(writer);
        await writer.close();
        if (writer.frames > 0) await writer.complete(extent);
      } catch (error) {
        throw (await writer.keepPart()) ? withPart(error, writer.frames, target.output) : error;
      } finally {
        writer.encoder.kill();
      }
    });
  }

  /**
   * Writes the next frame.
   * @param microseconds when it is shown, from where the source begins
   */
  async add({ rgb, width, height }: Image, microseconds: number): Promise<void> {
    if (this.frames === 0) this.first = microseconds;
    this.beforeLast = this.last;
    this.last = microseconds;
    const { bytes, stored } = this;
    const pixels = width * height;
    // A row or column that makes a side even repeats the last one.
    for (let y = 0, to = 0; y < stored.height; y += 1) {
      const row = Math.min(y, height - 1) * width;
      for (let x = 0; x < stored.width; x += 1, to += 3) {
        const at = row + Math.min(x, width - 1);
        bytes[to] = 255 * rgb[at]!;
        bytes[to + 1] = 255 * rgb[pixels + at]!;
        bytes[to + 2] = 255 * rgb[2 * pixels + at]!;
      }
    }
    const { encoder } = this;
    if (this.frames === 0) await feed(encoder, rawStreamHead(stored, this.target.source.framesPerSecond));
    await feed(encoder, rawFrameHead(microseconds - this.first, bytes.length));
    // In memory of its own: the pipe may still have it when the next frame is drawn.
    if (!(await feed(encoder, Uint8Array.from(bytes)))) throw await this.failure();
    this.frames += 1;
  }

  /** What ffmpeg is told to encode. Its clock has the source's ticks, so that times stay what they are. */
  private encoding(): string[] {
    const { format, target, working } = this;
    const { tick, pixelForm } = target.source;
    const [above, below] = tick.split('/').map(Number);
    // Times come in microseconds.
    const fineTick = above! / below! >= 2e-6 ? tick : '1/1000000';
    const isYuv = format.pixels === 'yuv420p';
    const scaling = isYuv
      ? ['scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int']
      : [];
    const shape = pixelForm === undefined ? [] : [`setsar=${pixelForm.replace(':', '/')}`];
    const filters = [...scaling, `format=${format.pixels}`, ...shape];
    const colours = [
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
      '-color_range',
      'tv',
    ];
    return [
      ...['-nostdin', '-v', 'error', '-y', '-f', 'matroska', '-i', 'pipe:0'],
      ...['-vf', filters.join(','), '-fps_mode', 'passthrough', '-enc_time_base', fineTick],
      ...['-c:v', format.encoder, ...format.encoderArguments(target.quality ?? defaultFilmQuality)],
      ...(isYuv ? colours : []),
      ...['-f', format.working.name, ...format.working.options, fileAddress(working)],
    ];
  }

  /** Waits until all frames are encoded. */
  private async close(): Promise<void> {
    this.encoder.child.stdin!.end();
    if ((await this.encoder.exitCode()) !== 0 && this.frames > 0) throw await this.failure();
  }

  /** Why the encoder takes no more. */
  private async failure(): Promise<StyleError> {
    const { encoder, target } = this;
    await encoder.exitCode();
    return encoder.failure(target.output, 'encode', 'Try another suffix or another version of ffmpeg.');
  }

  /** How many frames there are, and when they are shown. */
  times(): FilmTimes {
    const { frames, first, last, beforeLast } = this;
    return { frames, first, last, beforeLast };
  }

  /** Gives the film its sound and its place. */
  private async complete(extent: 'whole' | 'part'): Promise<void> {
    const { output, onWarning, isSegment } = this.target;
    if (isSegment === true) return moveIntoPlace(this.working, output);
    await withUnfinished(output, async (finished) => {
      const pictures = { ...this.times(), input: ['-i', fileAddress(this.working)] };
      const problem = await bringTogether(this.target, pictures, finished, extent);
      if (problem === undefined) return moveIntoPlace(finished, output);
      if (!this.format.workingIsFilm) throw problem;
      await moveIntoPlace(this.working, output);
      onWarning?.(`"${output}" is there without sound. ${problem.message}`);
    });
  }

  /** Keeps what there is after a failure, when it plays. @returns whether there is something */
  private async keepPart(): Promise<boolean> {
    const { encoder, target, format, working } = this;
    if (this.frames === 0) return false;
    encoder.child.stdin!.end();
    await encoder.exitCode();
    try {
      if (encoder.writeFailure === undefined) await this.complete('part');
      // On a disk that is full, there is room for a new name only.
      else if (!format.workingIsFilm || !(await this.plays())) return false;
      else await moveIntoPlace(working, target.output);
      return true;
    } catch {
      return false;
    }
  }

  private async plays(): Promise<boolean> {
    const { tools } = this.target;
    const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width', '-of', 'csv=p=0'];
    const { code, stdout } = await runTool(tools.ffprobe, [...args, fileAddress(this.working)]);
    return code === 0 && stdout.trim() !== '';
  }
}

/** An error that says what is there all the same. */
function withPart(error: unknown, frames: number, output: string): unknown {
  if (!(error instanceof StyleError)) return error;
  const { code, message, remedy, option } = error;
  const there = `The first ${frames} frames are in "${output}" and play.`;
  return new StyleError(code, message, `${there} ${remedy}`, {
    cause: error,
    ...(option === undefined ? {} : { option }),
  });
}
