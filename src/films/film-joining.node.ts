import { dirname, join } from 'node:path';
import { rm, writeFile } from 'node:fs/promises';
import type { StyleError } from '../errors.js';
import { moveIntoPlace, withUnfinished } from '../replace-file.node.js';
import { fileAddress, readingFilesOnly, runTool, type FilmTools } from './ffmpeg.node.js';
import { filmFormatOf } from './film-formats.js';
import type { Film } from './film-probe.node.js';
import type { FilmSegment, FilmTimes } from './film-segments.js';

/** What pictures are brought together with, and where they go. */
export interface JoiningTarget {
  readonly tools: FilmTools;
  /** The film that the pictures are made from: its sound and its titles are kept. */
  readonly source: Film;
  /** Where it goes; the suffix says the format. */
  readonly output: string;
  /** Is told what can't be kept. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Painted frames as ffmpeg is told to read them, without sound. */
export interface FilmPictures extends FilmTimes {
  readonly input: readonly string[];
}

/** Writes pictures and sound into one file. @returns what went wrong */
export async function bringTogether(
  target: JoiningTarget,
  pictures: FilmPictures,
  finished: string,
  extent: 'whole' | 'part',
): Promise<StyleError | undefined> {
  const { tools, output, onWarning } = target;
  const { sound } = filmFormatOf(output);
  const codecs = sound === undefined ? [undefined] : ['copy', sound, undefined];
  let problem: StyleError | undefined;
  for (const codec of codecs) {
    const { code, process } = await runTool(tools.ffmpeg, joining(target, pictures, finished, extent, codec));
    if (code === 0) {
      if (codec === undefined && sound !== undefined)
        onWarning?.(`The sound of "${output}" is lost. ${problem!.message}`);
      return undefined;
    }
    problem = process.failure(output, 'finish', 'Try another suffix.');
    if (process.writeFailure !== undefined) break;
  }
  return problem;
}

const seconds = (microseconds: number): string => (microseconds / 1e6).toFixed(6);

/** What ffmpeg is told to bring pictures and sound together. @param sound undefined for none */
function joining(
  { source, output }: JoiningTarget,
  { input, ...times }: FilmPictures,
  finished: string,
  extent: 'whole' | 'part',
  sound: string | undefined,
): string[] {
  const { container } = filmFormatOf(output);
  const delay = times.first === 0 ? [] : ['-itsoffset', seconds(times.first)];
  const withSound = sound === undefined ? [] : ['-map', '1:a?', '-c:a', sound];
  const palette = '[0:v]split[all][some];[some]palettegen=stats_mode=diff[palette];[all][palette]paletteuse';
  const duration = lastDuration(source, times);
  const lasting = `setts=duration=if(eq(N\\,${times.frames - 1})\\,round(${seconds(duration)}/TB)\\,DURATION)`;
  const encoded =
    container.name === 'gif'
      ? ['-lavfi', palette, '-fps_mode', 'passthrough']
      : ['-map', '0:v:0', '-c:v', 'copy', '-bsf:v', lasting];
  return [
    ...['-nostdin', '-v', 'error', '-y', ...delay, ...input],
    ...[...readingFilesOnly, '-i', fileAddress(source.path)],
    ...[...encoded, ...withSound, '-map_metadata', '1'],
    ...(extent === 'part' ? ['-t', seconds(times.last + duration)] : []),
    ...['-f', container.name, ...container.options, fileAddress(finished)],
  ];
}

/** Microseconds that the last frame is shown for: to the film's end, or as long as the one before it. */
function lastDuration(source: Film, { frames, last, beforeLast }: FilmTimes): number {
  const usual = frames > 1 ? last - beforeLast : 1e6 / source.framesPerSecond;
  const rest = source.seconds === undefined ? 0 : 1e6 * source.seconds - last;
  const isLast = source.frames === undefined || frames >= source.frames;
  return Math.round(isLast && rest > 0 ? rest : usual);
}

/**
 * Joins segments of painted frames, in order, into one film with the sound of its source. Nothing is encoded anew but a GIF.
 * @throws StyleError `E_OUTPUT` when it can't be written, `E_FFMPEG` when ffmpeg refuses
 */
export async function joinSegments(target: JoiningTarget, segments: readonly FilmSegment[]): Promise<void> {
  const times: FilmTimes = {
    frames: segments.reduce((sum, { frames }) => sum + frames, 0),
    first: segments[0]!.first,
    last: segments.at(-1)!.last,
    // Of a last segment of one frame the one before it is in the segment before.
    beforeLast: segments.at(-1)!.frames > 1 ? segments.at(-1)!.beforeLast : (segments.at(-2)?.last ?? 0),
  };
  const list = join(dirname(target.output), 'segments.ffconcat');
  const lines = segments.flatMap(({ path, first }, index) => {
    const next = segments[index + 1];
    const file = `file '${fileAddress(path).replaceAll("'", "'\\''")}'`;
    // Each begins when its first frame is shown, whatever the one before it says of its length.
    return next === undefined ? [file] : [file, `duration ${seconds(next.first - first)}`];
  });
  try {
    await writeFile(list, `ffconcat version 1.0\n${lines.join('\n')}\n`);
    const input = ['-protocol_whitelist', 'file,pipe', '-f', 'concat', '-safe', '0', '-i', fileAddress(list)];
    await withUnfinished(target.output, async (finished) => {
      const problem = await bringTogether(target, { ...times, input }, finished, 'whole');
      if (problem !== undefined) throw problem;
      await moveIntoPlace(finished, target.output);
    });
  } finally {
    await rm(list, { force: true });
  }
}
