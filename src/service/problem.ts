import { StyleError } from '../errors.js';
import type { Problem } from './job.js';

/** What is told of an error that is no fault of the request's; the error itself goes into the log. */
const defect: Problem = {
  code: 'E_RUNTIME',
  message: 'Something went wrong in the service.',
  remedy: 'Try again; if it stays, tell who runs the service.',
};

/** An error as an answer has it. What isn't meant for people is not told: it may name files of the machine. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof StyleError)) return defect;
  const { code, message, remedy, option } = error;
  return { code, message, remedy, ...(option === undefined ? {} : { option }) };
}
