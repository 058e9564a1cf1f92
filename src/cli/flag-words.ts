import { StyleError } from '../errors.js';
import type { AnyMethod } from '../methods/method.js';
import { requestFlag, requestOptions } from './command-line.js';
import { flagOf, hasFlag, roleFlag } from './flag-names.js';

/** The flags of a command by what the library calls that which they set: options and the roles of pictures. */
export type FlagNames = ReadonlyMap<string, string>;

/** The flags of a method's command. */
export function methodFlagNames(method: AnyMethod): FlagNames {
  const roles = method.roles.flatMap((role): [string, string][] => {
    if (role.option !== undefined) return [[role.name, flagOf(role.option)]];
    return hasFlag(method, role) ? [[role.name, roleFlag(role)]] : [];
  });
  const requested = requestOptions.map((option) => requestFlag(method, option));
  const options = [...Object.keys(method.options.shape), ...requested];
  return new Map([...roles, ...flagNames(options), ['output', '-o']]);
}

/** The flags of options that are named as the options are. */
export function flagNames(options: readonly string[]): FlagNames {
  return new Map(options.map((option) => [option, flagOf(option)]));
}

/**
 * A text of the library in the words of the command line: flags for options, commands for functions. A name such as
 * `styleSize` is nothing but an option's; a plain word such as `size` is one where the text calls it an option, where it
 * is left out or has a value ("leave layer out", "with method patches there is"), in a list of them ("which takes size,
 * scales"), and before a number where it is what the text is about. What stands in quotation marks is a file's name or a value and stays.
 * @param about the option that the text is about
 */
export function inWords(text: string, names: FlagNames, about?: string): string {
  return text
    .replace(/^pullModel\b/, 'The command pullModel')
    .replace(/\bpullModel(?:\("([^"]*)"\))?/g, (_, name?: string) =>
      name === undefined ? 'npx pastiche models pull' : `npx pastiche models pull ${name}`,
    )
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((part, index) => (index % 2 === 1 ? part : flagsIn(part, names, about)))
    .join('');
}

function flagsIn(text: string, names: FlagNames, about: string | undefined): string {
  return text
    .replace(/\b(?:[Tt]he )?option ([A-Za-z]+)(?:\.\d+)*/g, (whole, name: string) => names.get(name) ?? whole)
    .replace(
      /\b([Ll]eave) ([a-z]+)(?= (?:or )?(?:\S+ )?out\b)|\b([Ww]ith) ([a-z]+)(?= [\w-]+ (?:there|a)\b)/g,
      (whole, leave = '', left = '', having = '', had = '') => {
        const flag = names.get(`${left}${had}`);
        return flag === undefined ? whole : `${leave}${having} ${flag}`;
      },
    )
    .replace(/(?<=\bwhich takes )\w+(?:, \w+)*/g, (list) =>
      list.replace(/\w+/g, (name) => names.get(name) ?? name),
    )
    .replace(/\b[Tt]he ([a-z]+)(?= \d)/g, (whole, name: string) =>
      name === about ? (names.get(name) ?? whole) : whole,
    )
    .replace(/(?<![\w-])[a-z]+(?:[A-Z][a-z]*)+\b/g, (name) => names.get(name) ?? name);
}

/**
 * An error of the library in the words of the command line. The flag of the option that it is about is in it, wherever there
 * is one.
 */
export function inFlags(error: StyleError, names: FlagNames): StyleError {
  const { option } = error;
  const [message, remedy] = [error.message, error.remedy].map((text) => inWords(text, names, option)) as [
    string,
    string,
  ];
  const flag = option === undefined ? undefined : names.get(option);
  const isNamed = flag === undefined || [message, remedy].some((text) => namesFlag(text, flag));
  const reworded = new StyleError(
    error.code,
    message,
    isNamed ? remedy : `${remedy.replace(/\.$/, '')} (${flag}).`,
    { cause: error.cause },
  );
  return Object.assign(reworded, { stack: error.stack });
}

/** Whether a text has a flag, and not only a longer one that begins with it. */
const namesFlag = (text: string, flag: string): boolean =>
  text.split(/[^\w-]+/).some((word) => word.replace(/-+$/, '') === flag);

/** Does a command's work; what keeps it from being done is thrown in the words of the command line. */
export async function withFlags<Result>(
  names: FlagNames,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof StyleError ? inFlags(error, names) : error;
  }
}
