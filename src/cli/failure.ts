import { CommanderError } from 'commander';
import { StyleError } from '../errors.js';
import { flagNames, inFlags } from './flag-words.js';
import { exitCodes, type Terminal } from './terminal.js';

const defect = 'E_DEFECT';

/** An error as it is shown and as `--json` prints it. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Tells of what ended a command: the code, the sentence and the remedy on stderr, with `--json` also as an object on
 * stdout. The stack of a defect is shown only where PASTICHE_DEBUG is set.
 * @returns the exit code
 */
export function reportFailure(error: unknown, json: boolean, terminal: Terminal): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.success;
  // The help of a command that needs one more word is all there is to say.
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.input;
  const failure = describeFailure(error);
  terminal.stderr.write(failureLines(error));
  if (terminal.environment['PASTICHE_DEBUG'] && error instanceof Error) {
    terminal.stderr.write(`${error.stack ?? error.message}\n`);
    if (error.cause instanceof Error) terminal.stderr.write(`Caused by: ${error.cause.stack ?? ''}\n`);
  }
  if (json) terminal.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  return failure.code === defect ? exitCodes.failure : exitCodes.input;
}

/**
 * What is wrong, as lines.
 * @param about the file that it is about, where there are several
 */
export function failureLines(error: unknown, about?: string): string {
  const { code, message, remedy } = describeFailure(error);
  return `error [${code}]: ${about === undefined ? '' : `${about}: `}${message}\n${remedy}\n`;
}

/** What is wrong, in words; an error that is none of ours on purpose is a defect. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof StyleError) {
    const { code, message, remedy } = inFlags(
      error,
      flagNames(error.option === undefined ? [] : [error.option]),
    );
    return { code, message, remedy };
  }
  if (error instanceof CommanderError) return describeUsage(error);
  const message = error instanceof Error ? error.message : String(error);
  // Node.js itself can't do some things then, such as starting a thread.
  if (/^ENOENT\b.*\buv_cwd$/.test(message)) {
    return {
      code: 'E_INPUT_MISSING',
      message: 'The working folder does not exist any more.',
      remedy: 'Change to a folder that exists.',
    };
  }
  return {
    code: defect,
    message: `Something went wrong that should not: ${message}`,
    remedy:
      'This is a defect of Pastiche. Please report it with the command; PASTICHE_DEBUG=1 shows where it happened.',
  };
}

/** What the argument parser found wrong, with its guess at what was meant as the remedy. */
function describeUsage(error: CommanderError): Failure {
  const [first = '', guess] = error.message.replace(/^error: /, '').split('\n');
  const sentence = first.charAt(0).toUpperCase() + first.slice(1);
  return {
    code: 'E_ARGUMENT',
    message: sentence.endsWith('.') ? sentence : `${sentence}.`,
    remedy: `${guess === undefined ? '' : `${guess.replace(/[()]/g, '')} `}See --help for what there is.`,
  };
}
