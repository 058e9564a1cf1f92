import { StyleError } from '../errors.js';

/** A kind of film that can be written. */
export interface FilmFormat {
  /** The encoder of its pictures, by ffmpeg's name, and what it stands for. */
  readonly encoder: string;
  readonly encoding: string;
  /** How it stores them. */
  readonly pixels: 'yuv420p' | 'gbrp';
  /** What the encoder is told, for a quality from 1 to 100. */
  encoderArguments(quality: number): readonly string[];
  /** Whether both sides have to be even: colours are stored at half the size. */
  readonly evenSides: boolean;
  /** The container while it is written, which can be played up to where it ends, and the one that it becomes. */
  readonly working: { readonly name: string; readonly options: readonly string[] };
  readonly container: { readonly name: string; readonly options: readonly string[] };
  /** What sound becomes that the container can't take as it is; undefined where there is none. */
  readonly sound: string | undefined;
  /** Whether the working file can be handed out when there is no room for another one. */
  readonly workingIsFilm: boolean;
}

/** Fragments of a second each, written as soon as they are there: what is done can be played whatever happens. */
const fragmentedMp4 = {
  name: 'mp4',
  options: ['-movflags', '+empty_moov+default_base_moof', '-frag_duration', '1000000', '-flush_packets', '1'],
};
const streamedMatroska = {
  name: 'matroska',
  options: ['-cluster_time_limit', '1000', '-flush_packets', '1'],
};
const fastStart = ['-movflags', '+faststart'];

/**
 * No frames between two others: a frame is stored when it is shown, so that the times of films without a fixed rate are
 * kept to the end.
 */
const h264 = {
  encoder: 'libx264',
  encoding: 'H.264',
  pixels: 'yuv420p',
  encoderArguments: (quality: number) => ['-crf', String(Math.round(40 - 0.3 * quality)), '-bf', '0'],
  evenSides: true,
  workingIsFilm: true,
} as const;

const vp9 = {
  encoder: 'libvpx-vp9',
  encoding: 'VP9',
  pixels: 'yuv420p',
  encoderArguments: (quality: number) => [
    ...['-crf', String(Math.round(58 - 0.4 * quality)), '-b:v', '0', '-row-mt', '1'],
    ...['-deadline', 'good', '-cpu-used', '4'],
  ],
  evenSides: false,
  workingIsFilm: true,
} as const;

/** Loses nothing: the 256 colours are found when all frames are there. */
const gif = {
  encoder: 'ffv1',
  encoding: 'FFV1',
  pixels: 'gbrp',
  encoderArguments: () => [],
  evenSides: false,
  workingIsFilm: false,
} as const;

const formats: Readonly<Record<string, FilmFormat>> = {
  '.mp4': { ...h264, working: fragmentedMp4, container: { name: 'mp4', options: fastStart }, sound: 'aac' },
  '.m4v': { ...h264, working: fragmentedMp4, container: { name: 'mp4', options: fastStart }, sound: 'aac' },
  '.mov': { ...h264, working: fragmentedMp4, container: { name: 'mov', options: fastStart }, sound: 'aac' },
  '.mkv': {
    ...h264,
    working: streamedMatroska,
    container: { name: 'matroska', options: [] },
    sound: 'aac',
  },
  '.webm': { ...vp9, working: streamedMatroska, container: { name: 'webm', options: [] }, sound: 'libopus' },
  '.gif': { ...gif, working: streamedMatroska, container: { name: 'gif', options: [] }, sound: undefined },
};

/** Suffixes of films that are read. */
export const filmSuffixes: readonly string[] = ['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', '.gif'];

/** Suffixes of films that are written. */
export const writtenFilmSuffixes: readonly string[] = Object.keys(formats);

/** As it was given: nothing is lost that eyes see at a usual size. */
export const defaultFilmQuality = 70;

const suffixOf = (path: string): string => /\.\w+$/.exec(path)?.[0].toLowerCase() ?? '';

/** Whether a file's name is that of a film. */
export const hasFilmSuffix = (path: string): boolean => filmSuffixes.includes(suffixOf(path));

/** The name of a film's result in a folder. */
export const filmOutputName = (name: string): string =>
  suffixOf(name) in formats ? name : `${name.slice(0, name.length - suffixOf(name).length)}.mp4`;

/**
 * How a film is written, by its file's suffix.
 * @throws StyleError `E_FILM_FORMAT` for a suffix that can't be written
 */
export function filmFormatOf(path: string): FilmFormat {
  const format = formats[suffixOf(path)];
  if (format !== undefined) return format;
  throw new StyleError(
    'E_FILM_FORMAT',
    `The name "${path}" has no suffix of a film that can be written.`,
    `Use one of ${writtenFilmSuffixes.join(', ')}.`,
    { option: 'output' },
  );
}
