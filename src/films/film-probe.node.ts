import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { StyleError } from '../errors.js';
import type { Size } from '../images/image.js';
import { fileAddress, hasPart, readingFilesOnly, runTool, type FilmTools } from './ffmpeg.node.js';

/** A film as it is found; its size is that of its frames when they are upright. */
export interface Film extends Size {
  readonly path: string;
  /** The index of its pictures among the file's streams. */
  readonly stream: number;
  /** How many frames there are about; undefined where the file doesn't say how long it is. */
  readonly frames: number | undefined;
  /** Seconds from the film's beginning to its end, as the file has it. */
  readonly seconds: number | undefined;
  readonly framesPerSecond: number;
  /** The tick of its clock in seconds, as a fraction: `1/30000`. */
  readonly tick: string;
  /** The form of its pixels, width to height: `4:3`; undefined for squares. */
  readonly pixelForm: string | undefined;
  /** ffmpeg's filters that make plain upright frames of what is stored, before they get their size. */
  readonly filters: readonly string[];
  /** What the colours are meant in, where the file doesn't say so: an option of ffmpeg's scaling. */
  readonly matrix: string | undefined;
}

const fraction = z.string().regex(/^\d+\/\d+$/);
const streamSchema = z.object({
  index: z.int(),
  width: z.int().optional(),
  height: z.int().optional(),
  pix_fmt: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  field_order: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  time_base: fraction.optional(),
  avg_frame_rate: fraction.optional(),
  r_frame_rate: fraction.optional(),
  start_time: z.string().optional(),
  duration: z.string().optional(),
  nb_frames: z.string().optional(),
  disposition: z.object({ attached_pic: z.int().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
});
type Stream = z.output<typeof streamSchema>;
const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ duration: z.string().optional(), start_time: z.string().optional() }).optional(),
});

/** Rows of a film from which its colours are meant as those of HD, where it doesn't say. */
const highDefinition = 720;
/** The transfers of HDR: PQ and HLG. */
const wideTransfers = ['smpte2084', 'arib-std-b67'];

const number = (text: string | undefined): number | undefined => {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) ? value : undefined;
};

/** A fraction as a number; undefined for 0/0 and the like. */
function ratio(text: string | undefined): number | undefined {
  const [above, below] = (text ?? '').split(/[/:]/).map(Number);
  const value = above! / below!;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/**
 * Looks at a film without decoding it.
 * @throws StyleError `E_INPUT_MISSING` and `E_INPUT_KIND` for what is no file, `E_FILM_DECODE` for what is no film,
 * `E_FFMPEG` for one of more brightness than this ffmpeg can convert
 */
export async function probeFilm(tools: FilmTools, path: string, signal?: AbortSignal): Promise<Film> {
  await checkFile(path);
  const args = ['-v', 'error', ...readingFilesOnly, '-of', 'json', '-show_streams', '-select_streams', 'v'];
  const { code, stdout, process } = await runTool(
    tools.ffprobe,
    [...args, '-show_entries', 'format=duration,start_time', fileAddress(path)],
    signal,
  );
  if (code !== 0) throw noFilm(path, `ffprobe says: ${process.reason.replace(fileAddress(path), path)}`);
  const { streams, format } = probeSchema.parse(JSON.parse(stdout));
  const stream = streams.find(
    ({ disposition, width }) => disposition?.attached_pic !== 1 && width !== undefined,
  );
  if (stream?.width === undefined || stream.height === undefined || stream.width * stream.height === 0)
    throw noFilm(path, 'it has no pictures, only sound or nothing');
  const { width, height } = stream;
  const quarters = quarterTurns(stream);
  const turned = quarters % 2 === 1;
  const framesPerSecond = ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate) ?? 25;
  const seconds = secondsOf(stream, format);
  const isRgb = /^(rgb|bgr|gbr|pal8|0?rgb|argb|abgr)/.test(stream.pix_fmt ?? '');
  const plain = stream.color_space === undefined || stream.color_space === 'unknown';
  return {
    path,
    stream: stream.index,
    width: turned ? height : width,
    height: turned ? width : height,
    frames:
      number(stream.nb_frames) ??
      (seconds === undefined ? undefined : Math.max(1, Math.round(seconds * framesPerSecond))),
    seconds,
    framesPerSecond,
    tick: stream.time_base ?? '1/1000000',
    pixelForm: pixelForm(stream.sample_aspect_ratio, turned),
    filters: await filtersOf(tools, path, stream),
    matrix: plain && !isRgb ? (Math.min(width, height) >= highDefinition ? 'bt709' : 'bt601') : undefined,
  };
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new StyleError(
      'E_INPUT_MISSING',
      `There is no file "${path}".`,
      'Check the name; it is taken from the working folder.',
      { cause },
    );
  });
  if (found.isDirectory()) {
    throw new StyleError(
      'E_INPUT_KIND',
      `"${path}" is a folder, and a film is a file.`,
      'Name the film itself.',
    );
  }
}

const noFilm = (path: string, reason: string): StyleError =>
  new StyleError(
    'E_FILM_DECODE',
    `"${path}" can't be read as a film: ${reason}.`,
    'Check that it plays; a new copy, or ffmpeg itself, may help.',
  );

/** By how many quarters of a turn players turn a film. */
function quarterTurns({ tags, side_data_list: sides = [] }: Stream): number {
  const rotation =
    sides.find((side) => side.rotation !== undefined)?.rotation ?? number(tags?.['rotate']) ?? 0;
  return ((Math.round(rotation / 90) % 4) + 4) % 4;
}

/** Where the last frame ends, from where the file begins. */
function secondsOf(
  stream: Stream,
  format: { readonly duration?: string | undefined; readonly start_time?: string | undefined } | undefined,
): number | undefined {
  const duration = number(stream.duration);
  if (duration === undefined) return number(format?.duration);
  return duration + (number(stream.start_time) ?? 0) - (number(format?.start_time) ?? 0);
}

function pixelForm(text: string | undefined, turned: boolean): string | undefined {
  const form = ratio(text);
  if (text === undefined || form === undefined || form === 1) return undefined;
  return turned ? text.split(':').reverse().join(':') : text;
}

/** What makes frames of every kind plain: half-frames whole ones, and HDR what screens without it show. */
async function filtersOf(
  tools: FilmTools,
  path: string,
  { field_order: order, color_transfer: transfer }: Stream,
): Promise<string[]> {
  const whole = ['tt', 'bb', 'tb', 'bt'].includes(order ?? '') ? ['yadif=mode=send_frame'] : [];
  if (!wideTransfers.includes(transfer ?? '')) return whole;
  if (!(await hasPart(tools, '-filters', 'zscale'))) {
    throw new StyleError(
      'E_FFMPEG',
      `"${path}" is an HDR film (${transfer}), and the ffmpeg of this machine can't convert it: it lacks zscale.`,
      'Install a complete ffmpeg, or convert the film to SDR first.',
    );
  }
  const light = 'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0';
  return [...whole, light, 'zscale=t=bt709:m=bt709:r=tv,format=yuv420p'];
}
