import { abortError, isAbortError, throwIfAborted } from '../abort.js';
import { argumentError, StyleError } from '../errors.js';
import { checkEncoder, findFilmTools, type FilmTools } from '../films/ffmpeg.node.js';
import { filmFormatOf } from '../films/film-formats.js';
import { probeFilm, type Film } from '../films/film-probe.node.js';
import { readFrames } from '../films/film-reader.node.js';
import type { FilmTimes, SegmentRequest } from '../films/film-segments.js';
import { FilmWriter } from '../films/film-writer.node.js';
import { SteadyPainting } from '../films/steady-painting.js';
import { defaultMaxPixels } from '../images/codec.js';
import { createImage, type Image, type Size } from '../images/image.js';
import type { FilmOutcome, PictureOutcome } from '../methods/method.js';
import type { MethodPlan } from '../methods/plan.js';
import { checkReplaceable } from '../replace-file.node.js';
import type { FilePair } from './file-pairs.node.js';
import type { FileResult, FilesRequest } from './files-request.js';
import type { SharedRun } from './shared-run.node.js';

/** Bytes for each pixel of a frame: the film's own and the painted ones, now and before, and what ffmpeg has of them. */
const bytesPerPixel = 300;

/**
 * Checks what can be checked of a film before the long computation.
 * @throws StyleError `E_ARGUMENT` for what only pictures have, `E_FILM_FORMAT`, `E_FFMPEG`, `E_OUTPUT`
 */
export async function checkFilmOutput(output: string, { report, bitDepth }: FilesRequest): Promise<void> {
  for (const [option, value] of Object.entries({ report, bitDepth })) {
    if (value === undefined) continue;
    throw argumentError(option, `The option ${option} is for pictures.`, 'Leave it out for a film.');
  }
  const { encoder, encoding } = filmFormatOf(output);
  await checkReplaceable(output);
  await checkEncoder(await findFilmTools(), encoder, encoding);
}

/** What becomes of a segment: its frames, and when they are shown. */
export interface SegmentOutcome extends FilmOutcome {
  readonly times: FilmTimes;
}

/** A film, and what its frames take. */
interface PlannedFilm {
  readonly tools: FilmTools;
  readonly film: Film;
  readonly plan: MethodPlan;
}

/**
 * Looks at a film and plans with it.
 * @throws StyleError as `probeFilm` does, and `E_IMAGE_SIZE` for frames of more pixels than are wanted
 */
export async function planFilm(
  { method, request, prepared, shared }: SharedRun,
  input: string,
): Promise<PlannedFilm> {
  const tools = await findFilmTools();
  const film = await probeFilm(tools, input, request.signal);
  const { width, height } = film;
  const { maxPixels = defaultMaxPixels } = request;
  if (width * height > maxPixels) {
    throw new StyleError(
      'E_IMAGE_SIZE',
      `Frames of "${input}" have ${width}x${height} pixels, and at most ${maxPixels} are wanted.`,
      'Raise maxPixels, or make the film smaller first.',
      { option: 'maxPixels' },
    );
  }
  const plan = prepared.plan({ ...shared, [method.roles[0]!.name]: blankFrame(film) });
  return {
    tools,
    film,
    plan: { ...plan, memoryBytes: plan.memoryBytes + bytesPerPixel * plan.width * plan.height },
  };
}

const blankFrame = ({ width, height }: Size): Image =>
  createImage(width, height, new Float32Array(3 * width * height));

/**
 * Does one film: its frames one after the other with the same graphs. What is done is kept as a film that plays, whatever ends it.
 * @param segment does these frames only, for `joinSegments`; where there are none of them, nothing is written
 * @throws AbortError when the signal ends it before it has a frame; nothing is written then
 */
export async function runFilm(
  run: SharedRun,
  { input, output }: FilePair & { readonly output: string },
  place: { readonly index: number; readonly count: number },
  segment?: SegmentRequest,
): Promise<FileResult<FilmOutcome>> {
  const started = performance.now();
  const { request, prepared, method } = run;
  const { signal, quality } = request;
  const warn = (message: string): unknown => request.onProgress?.({ type: 'warning', message });
  throwIfAborted(signal);
  const { tools, film, plan } = await planFilm(run, input);
  const { width, height } = plan;
  const subject = { ...run.shared, [method.roles[0]!.name]: blankFrame(film) };
  prepared.checkMemory(subject, plan, await prepared.makeRoom(plan, request.memoryLimit));
  prepared.keepGraphs();
  request.onProgress?.({ type: 'picture', ...place, input, output, plan });
  let [frames, cuts] = [0, 0];
  let cancelled = false;
  let times: FilmTimes | undefined;
  const isSegment = segment !== undefined;
  await FilmWriter.write(
    { tools, source: film, output, size: { width, height }, quality, onWarning: warn, isSegment },
    async (writer) => {
      const onBroken = (reason: string): unknown =>
        warn(
          `Parts of "${input}" are broken, and the rest goes on: from frame ${frames + 1} on ffmpeg says: ${reason}`,
        );
      try {
        const painting = paintFrames(run, { tools, film, plan }, writer, onBroken, segment);
        for await (const { frames: done, cut } of painting) {
          frames = done;
          if (cut) cuts += 1;
        }
      } catch (error) {
        if (!isAbortError(error) || frames === 0) throw error;
        cancelled = true;
      }
      times = writer.times();
      return cancelled ? 'part' : 'whole';
    },
  );
  if (frames === 0 && !isSegment) throw abortError(signal);
  const seconds = (performance.now() - started) / 1000;
  const counted = { stopped: cancelled ? 'cancelled' : 'finished', frames, cuts } as const;
  const outcome = isSegment ? ({ ...counted, times: times! } satisfies SegmentOutcome) : counted;
  return { input, output, width, height, outcome, seconds, state: undefined, intermediates: [] };
}

/** Paints and writes one frame after the other, and tells of each. */
async function* paintFrames(
  { method, request, prepared, shared }: SharedRun,
  { tools, film, plan }: PlannedFilm,
  writer: FilmWriter,
  onBroken: (reason: string) => void,
  segment: SegmentRequest | undefined,
): AsyncGenerator<{ frames: number; cut: boolean }, void, void> {
  const { signal } = request;
  const { steady } = prepared.settings as { steady?: boolean };
  const steadying = steady === true ? new SteadyPainting() : undefined;
  let before = performance.now();
  const leadIn = segment === undefined ? 0 : Math.min(segment.from, segment.leadIn);
  const range = segment && { from: segment.from - leadIn, to: segment.to };
  const frames = segment?.to === undefined ? film.frames : segment.to - segment.from;
  let read = 0;
  for await (const { image, microseconds } of readFrames(tools, film, plan, { signal, onBroken, range })) {
    throwIfAborted(signal);
    read += 1;
    const pictures = { ...shared, [method.roles[0]!.name]: image };
    const { image: painted } = (await prepared.run(pictures, { signal })) as PictureOutcome;
    const { image: shown, cut } = steadying?.next(image, painted) ?? { image: painted, cut: false };
    if (read <= leadIn) continue;
    await writer.add(shown, microseconds);
    const now = performance.now();
    const { frames: count } = writer;
    request.onProgress?.({ type: 'frame', frame: count, frames, milliseconds: now - before });
    before = now;
    yield { frames: count, cut };
  }
}
