import { Option, type Command } from 'commander';
import { defaultLimits, type ServiceLimits } from '../service/service-limits.js';
import { wholeNumber } from './option-values.js';

/** What is said when a server or workers are to end. */
export const stoppingService = 'stopping: running jobs save where they stand';

/** The folder of a service that is not named. */
const defaultData = 'pastiche-service';

/** What a server and workers elsewhere are both told. */
export interface ServiceFlags {
  readonly data: string;
  readonly queue?: string;
  readonly files?: string;
  readonly workers?: number;
  readonly threads?: number;
  readonly maxMemory?: number;
  readonly maxPixels?: number;
  readonly maxSeconds?: number;
  readonly keepHours?: number;
  readonly quiet?: boolean;
}

/** Where jobs, pictures and keys are. */
export const dataFlag = (): Option =>
  new Option('--data <folder>', 'the folder for jobs, pictures and keys').default(defaultData);

/** The queue of many machines. */
export const queueFlag = (): Option =>
  new Option('--queue <address>', 'a Redis that servers and workers of many machines share, as redis://HOST');

/** Where pictures of many machines are. */
export const filesFlag = (): Option =>
  new Option(
    '--files <address>',
    'where pictures are instead of --data, as s3://BUCKET/PREFIX; with --queue',
  );

/**
 * Adds the flags about what is computed.
 * @param workers how many jobs are done at the same time unless it is told
 */
export function addWorkFlags(command: Command, workers: string, fewest: number): Command {
  const { pixels, jobSeconds, keepSeconds } = defaultLimits;
  return command
    .addOption(
      wholeNumber('--workers', `how many jobs are done at the same time (default: ${workers})`, fewest, 256),
    )
    .addOption(
      wholeNumber('--threads', 'threads of the CPU for each (default: the processors, shared out)', 1, 1024),
    )
    .addOption(
      wholeNumber('--max-memory <megabytes>', 'memory that a job may take (default: what is free)', 1),
    )
    .addOption(wholeNumber('--max-pixels', `pixels of a picture (default: ${pixels})`, 1))
    .addOption(wholeNumber('--max-seconds', `seconds of a job (default: ${jobSeconds})`, 1))
    .addOption(
      wholeNumber('--keep-hours', `hours until results are deleted (default: ${keepSeconds / 3600})`, 1),
    )
    .option('--quiet', 'log nothing but errors');
}

/** Bytes of a flag in megabytes. */
export const megabytes = (number: number | undefined): number | undefined => number && number * 1e6;

/** The limits that flags set. @param more those of a server alone */
export function limitsOfFlags(
  flags: ServiceFlags,
  more: { readonly [Name in keyof ServiceLimits]?: number | undefined } = {},
): Partial<ServiceLimits> {
  const limits = {
    jobMemory: megabytes(flags.maxMemory),
    pixels: flags.maxPixels,
    jobSeconds: flags.maxSeconds,
    keepSeconds: flags.keepHours && flags.keepHours * 3600,
    ...more,
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
