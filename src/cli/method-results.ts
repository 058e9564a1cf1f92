import type { FileResult, FilesPlan, FilesRequest, FilesResult, PlannedFile } from '../jobs/files-request.js';
import { scaleText, shortNumber } from '../methods/facts.js';
import type { AnyMethod, FilmOutcome } from '../methods/method.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import { commandLine, shellLine } from './command-line.js';
import { describeFailure } from './failure.js';
import { formatDuration, lossText, textTable } from './text.js';

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
const round = (seconds: number): number => Number(seconds.toFixed(3));

/** The most memory that this process has taken so far, in megabytes. */
const peakMemoryMb = (): number => megabytes(process.resourceUsage().maxRSS * 1024);

/** What an object says of a result. */
function fileObject({ input, output, width, height, outcome, seconds, ...saved }: FileResult): object {
  const { losses, parts, iterations, evaluations, stopped } = outcome as Partial<OptimizedPicture>;
  return {
    input,
    output,
    size: { width, height },
    stopped,
    ...(parts === undefined ? { losses } : { parts }),
    iterations,
    evaluations,
    ...filmNumbers(outcome, seconds),
    seconds: round(seconds),
    state: saved.state,
    ...(saved.intermediates.length === 0 ? {} : { intermediates: saved.intermediates }),
  };
}

/** What is said of a film's frames. */
function filmNumbers(outcome: object, seconds: number): object {
  if (!('frames' in outcome)) return {};
  const { frames, cuts } = outcome as FilmOutcome;
  return { frames, cuts, framesPerSecond: round(frames / seconds) };
}

/** The one object that a command prints. Of several results each has an object in `results`. */
export function resultObject(
  method: AnyMethod,
  result: FilesResult,
  { pictures, trace, report }: FilesRequest,
): object {
  const { batch, results, failures, remaining, seconds, ...environment } = result;
  const run = { pictures, trace, report, ...environment, peakMemoryMb: peakMemoryMb() };
  const objects = results.map((one) => ({ ...fileObject(one), ...method.record?.(one.outcome) }));
  if (!batch) return { ...objects[0], ...run, seconds: round(seconds) };
  const failed = failures.map(({ input, error }) => ({ input, error: describeFailure(error) }));
  return { results: [...objects, ...failed], remaining, ...run, seconds: round(seconds) };
}

/** The lines that say what the results are. */
export function resultText(method: AnyMethod, { results, network }: FilesResult): string {
  return results.map((one) => fileText(method, one, network)).join('');
}

function fileText(
  method: AnyMethod,
  { input, output, width, height, outcome, seconds }: FileResult,
  network: string | undefined,
): string {
  const { losses, parts, iterations } = outcome as Partial<OptimizedPicture>;
  const rows =
    method.summarize?.(outcome) ??
    parts?.map((part) => [`loss of ${part.label}`, shortNumber(part.losses.total)]);
  const table = rows === undefined ? '' : `\n${textTable(rows)}`;
  if (output === undefined)
    return `${input}, ${width}x${height}, under ${network}; lower is nearer\n${table}`;
  if ('frames' in outcome) {
    const { frames } = outcome as FilmOutcome;
    const pace = `${shortNumber(frames / seconds)} a second`;
    return `${output}: ${width}x${height}, ${frames} frames in ${formatDuration(seconds)}, ${pace}\n`;
  }
  if (losses === undefined) return `${output}: ${width}x${height} in ${formatDuration(seconds)}\n${table}`;
  const steps = `${iterations} iterations in ${formatDuration(seconds)}`;
  return `${output}: ${width}x${height}, ${steps}${parts === undefined ? `, ${lossText(losses)}` : ''}\n${table}`;
}

/**
 * How to go on with what was stopped, as commands to copy.
 * @param byNpx whether the program was started by npx
 */
export function resumeText(
  method: AnyMethod,
  { results, remaining }: FilesResult,
  request: FilesRequest,
  byNpx: boolean,
): string {
  const stopped = results.find(({ outcome }) => outcome.stopped === 'cancelled');
  const lines: string[] = [];
  if (stopped === undefined) lines.push('Stopped.');
  else if ('frames' in stopped.outcome) {
    const { frames } = stopped.outcome as FilmOutcome;
    lines.push(`Stopped after ${frames} frames, which are in ${shellLine([stopped.output!])} and play.`);
  } else {
    const { input, output, state } = stopped;
    const { iterations } = stopped.outcome as OptimizedPicture;
    lines.push(
      `Stopped after ${iterations} iterations; the best picture so far is in ${shellLine([output!])}.`,
    );
    if (state !== undefined) {
      const pictures = { ...request.pictures, [method.roles[0]!.name]: input };
      const command = commandLine(method, { ...request, pictures, output, resume: state });
      lines.push(`To go on: ${byNpx ? 'npx ' : ''}${command}`);
    }
  }
  if (remaining.length > 0) lines.push(`Not begun: ${shellLine(remaining)}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** The one object that a dry run prints. */
export function planObject(result: FilesPlan): object {
  const { batch, files, availableBytes, operationsPerSecond, ...environment } = result;
  const run = {
    availableMemoryMb: megabytes(availableBytes),
    ...(operationsPerSecond && { gigaflops: Math.round(operationsPerSecond / 1e9) }),
    ...environment,
  };
  const objects = files.map((file) => plannedObject(file, availableBytes));
  return batch ? { dryRun: true, files: objects, ...run } : { dryRun: true, ...objects[0], ...run };
}

function plannedObject({ input, output, plan, seconds }: PlannedFile, available: number): object {
  const { width, height, scales, memoryBytes, operations } = plan;
  const needs = { memoryMb: megabytes(memoryBytes), fits: memoryBytes <= available, operations };
  return { input, output, size: { width, height }, scales, ...needs, seconds: seconds && round(seconds) };
}

/** The lines of a dry run. */
export function planText({ files, availableBytes, operationsPerSecond, ...run }: FilesPlan): string {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  const blocks = files.map(({ input, output, plan, seconds }) => {
    const { scales, width, height, memoryBytes } = plan;
    const steps = scales.map((scale) => scaleText(scale, scale.label));
    const fits = memoryBytes <= availableBytes ? '' : ': TOO MUCH';
    return [
      `${[input, output].filter((path) => path !== undefined).join(' -> ')}, ${width}x${height}`,
      ...(steps.length === 0 ? [] : [`  scales   ${steps.join(', ')}`]),
      `  memory   about ${gigabytes(memoryBytes)} of the ${gigabytes(availableBytes)} that are available${fits}`,
      ...(seconds === undefined ? [] : [`  time     about ${formatDuration(seconds)}`]),
    ].join('\n');
  });
  const { network, device, threads } = run;
  const facts = [
    ...(network === undefined ? [] : [`network ${network}`]),
    ...(device === undefined ? [] : [`device ${device} with ${threads} threads`]),
    ...(operationsPerSecond === undefined
      ? []
      : [`${Math.round(operationsPerSecond / 1e9)} GFLOP/s measured`]),
  ];
  return `${blocks.join('\n')}\n${facts.length === 0 ? '' : `${facts.join(', ')}\n`}`;
}
