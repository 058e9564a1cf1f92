import { stat } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import type { AnyMethod, PictureRole } from '../methods/method.js';
import { valueSchemas } from '../methods/option-text.js';
import { flagOf, roleFlag } from './flag-names.js';
import { givenOptions } from './option-flags.js';

type NamedPictures = Record<string, string | readonly string[]>;

/**
 * Sorts pictures to their roles: those of flags by their names, those of arguments by their places. Where all other
 * argument roles are given as flags, any number of arguments are the method's subject.
 * @param flagged what the flag of a role was given
 * @throws StyleError `E_ARGUMENT` when there are too few or too many arguments
 */
export function readPictures(
  method: AnyMethod,
  args: readonly string[],
  flagged: (role: PictureRole) => unknown,
): NamedPictures {
  const pictures: NamedPictures = {};
  for (const role of method.roles.slice(1)) {
    const given = flagged(role);
    if (role.option === undefined && given !== undefined) pictures[role.name] = given as string | string[];
  }
  const [subject, ...others] = method.roles.filter(
    ({ name, argument }) => argument === true && !(name in pictures),
  );
  if (subject === undefined) return pictures;
  if (others.length === 0 && method.batch !== false) {
    if (args.length > 0) pictures[subject.name] = args.length === 1 ? args[0]! : args;
    return pictures;
  }
  const left = [...args];
  for (const role of [subject, ...others]) {
    if (left.length === 0 && role.example !== undefined) continue;
    if (left.length === 0) throw tooFew(method, args, role);
    if (role.several === true) pictures[role.name] = left.splice(0);
    else pictures[role.name] = left.shift()!;
  }
  if (left.length > 0) throw tooMany(method, args, others);
  return pictures;
}

function tooFew(
  { name }: AnyMethod,
  args: readonly string[],
  { name: role, several, description }: PictureRole,
): StyleError {
  const one = several === true ? role.replace(/s$/, '') : role;
  return new StyleError(
    'E_ARGUMENT',
    args.length === 0 ? 'No picture is named.' : `No ${one} is named beside "${args.at(-1)!}".`,
    `Name ${description} after it; pastiche ${name} --help shows how.`,
  );
}

function tooMany(
  { name, batch }: AnyMethod,
  args: readonly string[],
  others: readonly PictureRole[],
): StyleError {
  const flags = others.map((role) => `${roleFlag(role)} FILE`).join(' ');
  return new StyleError(
    'E_ARGUMENT',
    `There are ${args.length} pictures, and ${name} takes ${others.length + 1}.`,
    batch === false ? 'Name one picture for each.' : `For several pictures name the other with ${flags}.`,
  );
}

/**
 * Options whose value may be a picture: what is none of the option's names is a file of that role. Of several values the
 * last one counts, as for any flag.
 * @param given all that the flag of such an option was given, and the value of any other option
 * @throws StyleError `E_ARGUMENT` for a text that looks like a name and is neither, and for a name beside a file
 */
export async function readInitialFiles(
  method: AnyMethod,
  given: Readonly<Record<string, unknown>>,
): Promise<{ initial: NamedPictures; options: Record<string, unknown> }> {
  const initial: NamedPictures = {};
  const options = { ...given };
  for (const { name, option, optionValue } of method.roles) {
    const texts = option === undefined ? undefined : (given[option] as readonly string[] | undefined);
    if (option === undefined || texts === undefined) continue;
    const names = (valueSchemas(method.options)[option]?.enum ?? []).filter((one) => one !== optionValue);
    const files = texts.filter((text) => !names.includes(text));
    for (const file of files) await checkInitialFile(option, file, names);
    const word = texts.findLast((text) => names.includes(text));
    const file = files.at(-1);
    if (word !== undefined && file !== undefined) {
      throw new StyleError(
        'E_ARGUMENT',
        `${flagOf(option)} names the picture "${file}" and ${word}, and there is one start.`,
        'Leave one of them out.',
      );
    }
    options[option] = word;
    if (file !== undefined) initial[name] = file;
  }
  return { initial, options: givenOptions(method.options, options) };
}

async function checkInitialFile(option: string, file: string, names: readonly string[]): Promise<void> {
  const exists = await stat(file).catch(() => undefined);
  if (exists !== undefined || /[./\\]/.test(file)) return;
  throw new StyleError(
    'E_ARGUMENT',
    `${flagOf(option)} can't be "${file}".`,
    `It takes one of ${names.join(', ')}, or the file of a picture.`,
  );
}
