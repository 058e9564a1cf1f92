import { batch } from '@preact/signals';
import { z } from 'zod';
import { StyleError } from '../../errors.js';
import { methods } from '../../methods/index.js';
import { parseOptions } from '../../methods/options.js';
import { texts } from '../texts.js';
import { chooseMethod, method, network, options, setNetwork, setOptions } from './choices.js';

const file = z.object({
  format: z.literal('pastiche settings 1'),
  method: z.string(),
  network: z.string().optional(),
  options: z.record(z.string(), z.unknown()),
});

/** The choices as a file: the method, its options and its network; pictures are not in it. */
export function settingsBlob(): Blob {
  const settings: z.infer<typeof file> = {
    format: 'pastiche settings 1',
    method: method.value.name,
    ...(network.value === undefined ? {} : { network: network.value }),
    options: { ...options.value },
  };
  return new Blob([`${JSON.stringify(settings, null, 2)}\n`], { type: 'application/json' });
}

/**
 * Takes the choices of a file.
 * @throws StyleError `E_ARGUMENT` for another file, and for options that the method doesn't have
 */
export function readSettings(text: string, name: string): void {
  const { method: named, options: given, network: told } = parsed(text, name);
  const found = methods.find((one) => one.name === named);
  if (found === undefined) throw refused(name);
  parseOptions(found.options, given);
  batch(() => {
    chooseMethod(found);
    setOptions(given);
    setNetwork(told);
  });
}

function parsed(text: string, name: string): z.infer<typeof file> {
  try {
    return file.parse(JSON.parse(text));
  } catch (cause) {
    throw refused(name, cause);
  }
}

const refused = (name: string, cause?: unknown): StyleError =>
  new StyleError('E_ARGUMENT', texts.settingsRefused(name), texts.settingsRemedy, { cause });
