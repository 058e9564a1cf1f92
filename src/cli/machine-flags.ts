import { Option } from 'commander';
import { deviceNames } from '../runtime/device-names.js';
import { wholeNumber } from './option-values.js';

/** The flags of what computes. */
export function deviceFlags(): Option[] {
  return [
    new Option('--device <name>', 'what computes; auto is the CPU').choices(deviceNames),
    wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
  ];
}

/**
 * The flags of what is printed.
 * @param json what is printed as JSON
 */
export function printFlags(json: string): Option[] {
  return [
    new Option('--quiet', 'print nothing but errors').conflicts('json'),
    new Option('--json', `print ${json}`),
  ];
}
