import { basename, dirname, join } from 'node:path';
import { StyleError } from '../errors.js';
import { checkEncoder, findFilmTools } from '../films/ffmpeg.node.js';
import { filmFormatOf } from '../films/film-formats.js';
import { joinSegments } from '../films/film-joining.node.js';
import { probeFilm } from '../films/film-probe.node.js';
import { describeFiles } from './job-output.node.js';
import type { JobResult } from './job.js';
import type { WorkerRequest } from './worker-messages.js';

type Check = Extract<WorkerRequest, { type: 'check' }>;
type Join = Extract<WorkerRequest, { type: 'join' }>;

/**
 * Looks whether a film can be read, and whether one of that format can be written.
 * @returns how many frames it has about; undefined where it doesn't say so, or where there is none
 * @throws StyleError `E_FFMPEG`, `E_FILM_DECODE`, `E_FILM_FORMAT`, or `E_IMAGE_SIZE` for frames of more pixels than are allowed
 */
export async function checkFilm({ folder, film, maxPixels }: Check): Promise<number | undefined> {
  if (film === undefined) return undefined;
  const tools = await findFilmTools();
  const { encoder, encoding } = filmFormatOf(film.output);
  await checkEncoder(tools, encoder, encoding);
  const { width, height, frames } = await probeFilm(tools, join(folder, film.file));
  if (width * height <= maxPixels) return frames;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `Frames of the film have ${width}x${height} pixels, and at most ${maxPixels} are allowed.`,
    'Make the film smaller first.',
  );
}

/**
 * Joins the painted segments of a film, with its sound.
 * @throws StyleError `E_FFMPEG` or `E_OUTPUT`
 */
export async function joinFilm({ output, source, segments }: Join): Promise<JobResult> {
  const tools = await findFilmTools();
  await joinSegments({ tools, source: await probeFilm(tools, source), output }, segments);
  const frames = segments.reduce((sum, one) => sum + one.frames, 0);
  const files = await describeFiles(dirname(output), [basename(output)]);
  return { stopped: 'finished', files, numbers: { frames } };
}
