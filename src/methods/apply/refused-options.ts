import { argumentError } from '../../errors.js';
import type { ApplySettings } from './options.js';

/**
 * Refuses options that a model doesn't have.
 * @param reason a sentence about the option and its value
 * @throws StyleError `E_ARGUMENT` for the first of them that is given
 */
export function refuseOptions(
  settings: ApplySettings,
  options: readonly (keyof ApplySettings)[],
  reason: (option: string, value: string) => string,
  remedy: string,
): void {
  for (const option of options) {
    const value = settings[option];
    if (value !== undefined) throw argumentError(option, reason(option, String(value)), remedy);
  }
}
