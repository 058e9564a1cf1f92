import { basename, join } from 'node:path';
import { throwIfAborted } from '../abort.js';
import { formatGigabytes } from '../api/memory-check.js';
import { nodePlatform } from '../api/platform.node.js';
import { pictureMetadata } from '../api/picture-metadata.js';
import type { RunOptions } from '../api/prepared-method.js';
import { StyleError } from '../errors.js';
import { encodeImage, checkWritable, writeImage, writeSamples } from '../images/codec.node.js';
import { imageFormatOf } from '../images/codec.js';
import { sampleFormOf } from '../images/encode.node.js';
import type { Size } from '../images/image.js';
import { SamplesSink, type SampleForm } from '../images/picture-sink.js';
import type { Raster } from '../images/raster.js';
import type { MethodOutcome, PictureOrWord, PictureOutcome, PictureSet } from '../methods/method.js';
import { processBytes } from '../methods/optimization/memory.js';
import { checkStateFile } from '../methods/optimization/walk-state.js';
import type { MethodPlan } from '../methods/plan.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import type { Progress } from '../methods/progress.js';
import { replaceFile } from '../replace-file.node.js';
import { FileRecorder } from './file-recorder.node.js';
import type { FilePair } from './file-pairs.node.js';
import { filesOf, type FileResult } from './files-request.js';
import { renderMethodPage } from './method-page.node.js';
import { readingPeak, readRole } from './picture-files.node.js';
import { RunReport, type ReportedRun } from './run-report.node.js';
import { encodingOf, type SharedRun } from './shared-run.node.js';
import { encodeTrace } from './trace.js';

/** The pictures' names by role: without their folders, which are nobody else's business. */
export function namesOf({ method, request }: SharedRun, input: string): Record<string, string[]> {
  const names = method.roles.map(({ name }, index) => {
    const files = index === 0 ? [input] : filesOf(request, name);
    return [name, files.map((file) => basename(file))] as const;
  });
  return Object.fromEntries(names.filter(([, files]) => files.length > 0));
}

/**
 * Does one file: reads, checks, computes, writes the result and what else was asked for.
 * @throws AbortError when the signal ends it before it has a result; nothing is written then
 */
export async function runFile(
  run: SharedRun,
  pair: FilePair,
  place: { readonly index: number; readonly count: number },
): Promise<FileResult> {
  const started = performance.now();
  const { input, output } = pair;
  const { method, request, prepared, environment } = run;
  const { signal } = request;
  throwIfAborted(signal);
  const { memoryLimit } = request;
  const { pictures, plan, form } = await readAndPlan(
    run,
    pair,
    memoryLimit ?? nodePlatform.availableMemory(),
  );
  const isPicture = method.output.kind === 'picture' && output !== undefined;
  const encoding = encodingOf(request);
  if (isPicture) await checkWritable(output, encoding, plan);
  const limit = await prepared.makeRoom(plan, memoryLimit);
  prepared.checkMemory(pictures, plan, limit, place.index < place.count - 1, form);
  const resume = request.resume === undefined ? undefined : await nodePlatform.readState(request.resume);
  if (resume !== undefined) checkStateFile(resume, request.resume!);
  const notify = (event: Progress): unknown => request.onProgress?.(event);
  notify({ type: 'picture', ...place, input, output, plan });
  const description = method.describe(prepared.settings, namesOf(run, input), plan);
  const recorder = isPicture ? new FileRecorder(output, encoding, request.saveEvery, notify) : undefined;
  const subject = { run, input, pictures, plan, description };
  const report = request.report === undefined ? undefined : new RunReport(request.report, subject);
  try {
    const onProgress = (event: Progress): unknown => {
      if (event.type === 'iteration') {
        recorder?.take(event);
        report?.take(event);
      }
      return notify(event);
    };
    const { outcome, samples } = await compute(
      run,
      pictures,
      { signal, resume, onProgress, scales: plan.scales },
      form,
    );
    await recorder?.settle();
    const size = await writeOutcome(subject, outcome, samples, output, started);
    const state = recorder && (await concludeState(recorder, outcome, request.resume));
    const seconds = (performance.now() - started) / 1000;
    await report?.finish(outcome as PictureOutcome, output === undefined ? '' : basename(output), seconds);
    if (request.trace !== undefined) {
      const trace = encodeTrace({ request, environment, output, plan, outcome, seconds });
      await replaceFile(request.trace, Buffer.from(trace));
    }
    const intermediates = recorder?.intermediates ?? [];
    return { input, output, ...size, outcome, seconds, state, intermediates };
  } catch (error) {
    await recorder?.settle();
    await report?.discard();
    throw error;
  }
}

/**
 * Reads the picture that a result is about, and plans with it.
 * @param limit bytes of memory that there are
 * @param isRefused whether reading that takes more is refused
 * @returns with `form` where the result is to be collected as its file takes it
 * @throws StyleError `E_MEMORY` when reading alone takes more
 */
export async function readAndPlan(
  { method, request, prepared, shared, keeper }: SharedRun,
  { input, output }: FilePair,
  limit: number,
  isRefused = true,
): Promise<{ pictures: PictureSet; plan: MethodPlan; form: SampleForm | undefined }> {
  const { settings } = prepared;
  const reading = processBytes + (await readingPeak(method, settings, input, request));
  if (isRefused && reading > limit) {
    throw new StyleError(
      'E_MEMORY',
      `Reading "${input}" takes about ${formatGigabytes(reading)} of memory, and ${formatGigabytes(limit)} are available.`,
      'Close other programs, or make the picture smaller first.',
    );
  }
  const [role] = method.roles;
  const read = (): Promise<PictureOrWord> => readRole(method, settings, role!, input, request);
  const pictures = { ...shared, [role!.name]: await (keeper?.readSubject(input, read) ?? read()) };
  // A page shows the result, which is there as floats then.
  const isForFile = prepared.canRunInto && output !== undefined && request.report === undefined;
  const form = isForFile ? sampleFormOf(imageFormatOf(output), encodingOf(request)) : undefined;
  const plan = prepared.plan(pictures, limit, form);
  return { pictures, plan: { ...plan, memoryBytes: Math.max(plan.memoryBytes, reading) }, form };
}

/** Runs the method. @returns with the picture as samples where a form is given, and else in the outcome */
async function compute(
  { prepared }: SharedRun,
  pictures: PictureSet,
  options: RunOptions,
  form: SampleForm | undefined,
): Promise<{ outcome: MethodOutcome; samples?: SamplesSink }> {
  if (form === undefined) return { outcome: await prepared.run(pictures, options) };
  let samples: SamplesSink;
  const outcome = await prepared.runInto(
    pictures,
    options,
    (size, hasAlpha) => (samples = new SamplesSink(size, hasAlpha, form)),
  );
  return { outcome, samples: samples! };
}

/** Writes what a method gives. @returns the size of the picture, of those on the page, or of the picture that it is about */
async function writeOutcome(
  subject: ReportedRun,
  outcome: MethodOutcome,
  samples: SamplesSink | undefined,
  output: string | undefined,
  started: number,
): Promise<Size> {
  const { run, pictures, plan, description } = subject;
  const { method, request } = run;
  const { software } = nodePlatform;
  const metadata = pictureMetadata(software, description, run.environment.network, outcome);
  const sizeOf = ({ width, height }: Size): Size => ({ width, height });
  const picture = pictures[method.roles[0]!.name] as Raster;
  if (output === undefined || method.output.kind === 'none') return sizeOf(picture);
  if (samples !== undefined) {
    await writeSamples(output, samples, { ...encodingOf(request), metadata });
    return sizeOf(samples);
  }
  if (method.output.kind === 'picture') {
    const { image } = outcome as PictureOutcome;
    await writeImage(output, image, { ...encodingOf(request), metadata });
    return sizeOf(image);
  }
  if (method.output.kind === 'page') {
    const page = await renderMethodPage(subject, outcome, (performance.now() - started) / 1000);
    throwIfAborted(request.signal);
    await replaceFile(output, Buffer.from(page));
    return sizeOf(plan);
  }
  if (method.output.kind === 'data') {
    throwIfAborted(request.signal);
    await replaceFile(output, method.output.encode(outcome));
    return sizeOf(picture);
  }
  const files = Object.entries(method.output.files(outcome));
  const encoded = await Promise.all(
    files.map(async ([name, content]): Promise<[string, Uint8Array]> => {
      const bytes = content instanceof Uint8Array ? content : await encodeImage(content, 'png', { metadata });
      return [name, bytes];
    }),
  );
  throwIfAborted(request.signal);
  for (const [name, bytes] of encoded) await replaceFile(join(output, name), bytes);
  return sizeOf(picture);
}

async function concludeState(
  recorder: FileRecorder,
  outcome: MethodOutcome,
  resume: string | undefined,
): Promise<string | undefined> {
  if (!('state' in outcome)) return undefined;
  if (outcome.stopped === 'cancelled') return recorder.keep((outcome as OptimizedPicture).state());
  if (outcome.stopped === 'finished') await recorder.finish(resume);
  return undefined;
}
