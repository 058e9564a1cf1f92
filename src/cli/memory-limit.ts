import { StyleError } from '../errors.js';
import type { Terminal } from './terminal.js';

/**
 * Bytes that the work may take, from PASTICHE_MEMORY_LIMIT in megabytes; undefined where it isn't set.
 * @throws StyleError `E_ARGUMENT` when it is set to anything but a number above 0
 */
export function memoryLimit({ environment }: Terminal): number | undefined {
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
