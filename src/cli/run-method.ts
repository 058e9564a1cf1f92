import { isAbortError } from '../abort.js';
import { StyleError } from '../errors.js';
import { hasFilmSuffix } from '../films/film-formats.js';
import { filesOf, type FilesRequest, type FilesResult } from '../jobs/files-request.js';
import type { AnyMethod } from '../methods/method.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import type { Progress } from '../methods/progress.js';
import { failureLines } from './failure.js';
import { inFlags, inWords, methodFlagNames, type FlagNames } from './flag-words.js';
import { withInterruption } from './interruption.js';
import type { CommonFlags } from './method-command.js';
import { MethodDisplay } from './method-display.js';
import { planObject, planText, resultObject, resultText, resumeText } from './method-results.js';
import { canDraw, exitCodes, type Terminal } from './terminal.js';

/**
 * Runs a method for its command, with display, Ctrl-C and results.
 * @returns the exit code
 * @throws StyleError as the job does
 */
export async function runMethod(
  method: AnyMethod,
  given: FilesRequest,
  { dryRun, quiet = false, json = false }: CommonFlags,
  terminal: Terminal,
): Promise<number> {
  const { stdout, stderr, environment } = terminal;
  const request = { ...given, memoryLimit: given.memoryLimit ?? memoryLimit(terminal) };
  if (dryRun === true) {
    const { planFiles } = await import('../jobs/plan-files.node.js');
    const plan = await planFiles(method, request);
    if (json) stdout.write(`${JSON.stringify(planObject(plan))}\n`);
    else if (!quiet) stdout.write(planText(plan));
    return exitCodes.success;
  }
  const { runFiles } = await import('../jobs/run-files.node.js');
  const display = new MethodDisplay(
    terminal,
    method.stepwise?.() === true,
    quiet || (json && !canDraw(terminal)),
  );
  const names = methodFlagNames(method);
  return withInterruption(display, stoppingText(method, request), async (interruption) => {
    const { signal } = interruption;
    const onProgress = (event: Progress): void => display.show(inFlagsEvent(event, names));
    try {
      const result = inFlagsResult(await runFiles(method, { ...request, signal, onProgress }), names);
      display.stop();
      if (json) stdout.write(`${JSON.stringify(resultObject(method, result, request))}\n`);
      else if (!quiet) stdout.write(resultText(method, result));
      const byNpx = environment['npm_command'] === 'exec';
      return conclude(method, result, request, stderr, byNpx) ?? interruption.exitCode;
    } catch (error) {
      if (!isAbortError(error)) throw error;
      display.stop();
      if (json) stdout.write(`${JSON.stringify({ output: null, stopped: 'cancelled' })}\n`);
      stderr.write('Stopped; nothing was written.\n');
      return interruption.exitCode;
    }
  });
}

/**
 * Bytes that the work may take, from PASTICHE_MEMORY_LIMIT in megabytes; undefined where it isn't set.
 * @throws StyleError `E_ARGUMENT` when it is set to anything but a number above 0
 */
function memoryLimit({ environment }: Terminal): number | undefined {
  const text = environment['PASTICHE_MEMORY_LIMIT'];
  if (text === undefined || text === '') return undefined;
  const megabytes = Number(text);
  if (megabytes > 0) return megabytes * 1e6;
  throw new StyleError(
    'E_ARGUMENT',
    `PASTICHE_MEMORY_LIMIT can't be "${text}".`,
    'It takes a number of megabytes, such as 4000.',
  );
}

function stoppingText({ stepwise, films, roles }: AnyMethod, request: FilesRequest): string {
  if (stepwise?.() === true) return 'Stopping after this step; Ctrl-C again quits at once.';
  const hasFilm = films === true && filesOf(request, roles[0]!.name).some(hasFilmSuffix);
  return hasFilm
    ? 'Stopping; the frames that are done are kept. Ctrl-C again quits at once.'
    : 'Stopping; nothing is written. Ctrl-C again quits at once.';
}

const inFlagsError = (error: Error, names: FlagNames): Error =>
  error instanceof StyleError ? inFlags(error, names) : error;

/** What is told of on the way, in the words of the command line. */
function inFlagsEvent(event: Progress, names: FlagNames): Progress {
  if (event.type === 'warning') return { ...event, message: inWords(event.message, names) };
  return event.type === 'failed' ? { ...event, error: inFlagsError(event.error, names) } : event;
}

function inFlagsResult(result: FilesResult, names: FlagNames): FilesResult {
  const failures = result.failures.map((failure) => ({
    ...failure,
    error: inFlagsError(failure.error, names),
  }));
  return { ...result, failures };
}

/** What is not as it should be, on stderr. @returns the exit code; undefined is that of an interruption */
function conclude(
  method: AnyMethod,
  result: FilesResult,
  request: FilesRequest,
  stderr: Terminal['stderr'],
  byNpx: boolean,
): number | undefined {
  const { results, failures, remaining } = result;
  for (const { input, error } of failures) stderr.write(failureLines(error, input));
  const diverged = results.filter(({ outcome }) => outcome.stopped === 'diverged');
  for (const { output, outcome } of diverged) {
    stderr.write(
      `Warning: after ${(outcome as OptimizedPicture).iterations} iterations the loss was no longer a number; "${output}" is the last good picture.\n` +
        'Use a lower learning rate, other weights or another optimizer.\n',
    );
  }
  if (remaining.length > 0 || results.some(({ outcome }) => outcome.stopped === 'cancelled')) {
    stderr.write(resumeText(method, result, request, byNpx));
    return undefined;
  }
  if (failures.length > 0) return exitCodes.input;
  return diverged.length > 0 ? exitCodes.failure : exitCodes.success;
}
