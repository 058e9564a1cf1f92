import { CommanderError } from 'commander';
import { StyleError } from '../errors.js';
import { flagOf } from './flag-names.js';
import { exitCodes, type Terminal } from './terminal.js';

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
  const { code, message, remedy } = describeFailure(error);
  terminal.stderr.write(failureLines(error));
  if (terminal.environment['PASTICHE_DEBUG'] && error instanceof Error) {
    terminal.stderr.write(`${error.stack ?? error.message}\n`);
    if (error.cause instanceof Error) terminal.stderr.write(`Caused by: ${error.cause.stack ?? ''}\n`);
  }
  if (json) terminal.stdout.write(`${JSON.stringify({ error: { code, message, remedy } })}\n`);
  return error instanceof StyleError || error instanceof CommanderError ? exitCodes.input : exitCodes.failure;
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
  if (error instanceof StyleError) return inFlags(error);
  if (error instanceof CommanderError) return describeUsage(error);
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'E_DEFECT',
    message: `Something went wrong that should not: ${message}`,
    remedy:
      'This is a defect of Pastiche. Please report it with the command; PASTICHE_DEBUG=1 shows where it happened.',
  };
}

/** Flags with other names than their options: those of roles that have several pictures, and the output's. */
const flags: Readonly<Record<string, string>> = {
  styles: '--style',
  styleMasks: '--style-mask',
  output: '-o',
};

/**
 * An error in the words of the command line: the option that it is about is named by its flag. The library's errors name
 * options as its callers write them.
 */
function inFlags({ code, message, remedy, option }: StyleError): Failure {
  if (option === undefined) return { code, message, remedy };
  const flag = flags[option] ?? flagOf(option);
  const named = new RegExp(`\\b[Tt]he option ${option}\\b`, 'g');
  const word = new RegExp(`\\b${option}\\b`, 'g');
  // A word of plain English is the option's name only where the sentence says so.
  const rename = (text: string): string =>
    /[A-Z]/.test(option) ? text.replace(named, flag).replace(word, flag) : text.replace(named, flag);
  const [first, second] = [rename(message), rename(remedy)];
  const isNamed = first.includes(flag) || second.includes(flag);
  return { code, message: first, remedy: isNamed ? second : `${second} (${flag})` };
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
