import { Option } from 'commander';
import type { OptimizationOrder } from '../node.js';
import { deviceNames, type DeviceName } from '../runtime/device-names.js';
import type { LossTerm } from '../progress.js';
import { Interruption } from './interruption.js';
import { memoryLimit } from './memory-limit.js';
import { OptimizationDisplay } from './optimization-display.js';
import { wholeNumber } from './option-values.js';
import { exitCodes, type Terminal } from './terminal.js';

/** The flags that textures and reconstructions have in common, as the argument parser hands them over. */
export interface OptimizeFlags {
  readonly output: string;
  readonly network?: string;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly quality?: number;
  readonly bitDepth?: '8' | '16';
  readonly saveEvery?: number;
  readonly report?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** The flags of {@link OptimizeFlags}. */
export function optimizeFlags(): Option[] {
  return [
    new Option(
      '-o, --output <file>',
      'where the picture goes; its suffix says the format',
    ).makeOptionMandatory(),
    wholeNumber('--quality', 'quality of JPEG, WebP and AVIF', 1, 100),
    new Option('--bit-depth <bits>', 'bits per channel; 16 for PNG and TIFF').choices(['8', '16']),
    wholeNumber('--save-every', 'save the picture every so many iterations', 1),
    new Option(
      '--report <file.html>',
      'write a page with pictures, curves and settings, also while the work goes on',
    ),
    new Option('--network <name|file>', 'weights of a VGG network (default: as for stylize)'),
    new Option('--device <name>', 'what computes; auto is the CPU').choices(deviceNames),
    wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    new Option('--quiet', 'print nothing but errors').conflicts('json'),
    new Option('--json', 'print one JSON object'),
  ].map((option) => option.helpGroup('Files, machine and output:'));
}

/** The part of an order that these flags stand for. */
export function optimizeOrder(flags: OptimizeFlags, terminal: Terminal): OptimizationOrder {
  const { output, network, device, threads, quality, bitDepth, saveEvery, report } = flags;
  return {
    ...{ output, network, device, threads, quality, saveEvery, report },
    bitDepth: bitDepth === undefined ? undefined : (Number(bitDepth) as 8 | 16),
    memoryLimit: memoryLimit(terminal),
  };
}

/** What a command makes. */
interface Outcome {
  readonly output: string;
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
}

/** One object for a script to read: the losses of every step are what --report draws. */
const withoutCurve = (key: string, value: unknown): unknown => (key === 'curve' ? undefined : value);

/**
 * Runs a job with its display, Ctrl-C and result.
 * @returns the exit code
 * @throws StyleError as the job does
 */
export async function runOptimization<Result extends Outcome>(
  { quiet = false, json = false }: Pick<OptimizeFlags, 'quiet' | 'json'>,
  terminal: Terminal,
  command: {
    readonly terms: readonly LossTerm[];
    readonly work: (control: Pick<OptimizationOrder, 'signal' | 'onProgress'>) => Promise<Result | undefined>;
    readonly text: (result: Result) => string;
  },
): Promise<number> {
  const { stdout, stderr } = terminal;
  const display = new OptimizationDisplay(stderr, quiet || (json && stderr.isTTY !== true), command.terms);
  const interruption = new Interruption(
    () => display.say('Stopping after this step; Ctrl-C again quits at once.'),
    () => display.stop(),
  );
  try {
    const { signal } = interruption;
    const result = await command.work({ signal, onProgress: (event) => display.show(event) });
    display.stop();
    if (json)
      stdout.write(`${JSON.stringify(result ?? { output: null, stopped: 'cancelled' }, withoutCurve)}\n`);
    else if (result !== undefined && !quiet) stdout.write(command.text(result));
    if (result === undefined || result.stopped === 'cancelled') {
      stderr.write(
        result === undefined
          ? 'Stopped; nothing was written.\n'
          : 'Stopped; the best picture so far is written.\n',
      );
      return exitCodes.interrupted;
    }
    if (result.stopped === 'finished') return exitCodes.success;
    stderr.write(
      `Warning: the loss was no longer a number; "${result.output}" is the last good picture.\nUse other weights.\n`,
    );
    return exitCodes.failure;
  } finally {
    display.stop();
    interruption.release();
  }
}
