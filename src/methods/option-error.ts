import type { z } from 'zod';
import { StyleError } from '../errors.js';

/** What is wrong with the first option that can't be used: its name, its value and what it takes, as `E_ARGUMENT`. */
export function optionError(issue: z.core.$ZodIssue, options: unknown): StyleError {
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    options,
  );
  const name = issue.path.map(String).join('.');
  if (name === '')
    return new StyleError(
      'E_ARGUMENT',
      `These options can't be used: ${issue.message}.`,
      'See the options in the docs.',
    );
  return new StyleError(
    'E_ARGUMENT',
    `The option ${name} can't be ${JSON.stringify(value)}.`,
    `It takes: ${issue.message}.`,
  );
}
