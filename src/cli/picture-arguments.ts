import { stat } from 'node:fs/promises';
import { StyleError } from '../errors.js';
import type { AnyMethod, PictureRole } from '../methods/method.js';
import { flagOf, roleFlag } from './flag-names.js';
import { valueSchemas } from './option-values.js';

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
  { name: role, description }: PictureRole,
): StyleError {
  return new StyleError(
    'E_ARGUMENT',
    args.length === 0 ? 'No picture is named.' : `No ${role} is named beside "${args.at(-1)!}".`,
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
 * Options whose value may be a picture: what is none of the option's names is a file of that role.
 * @throws StyleError `E_ARGUMENT` for a text that looks like a name and is neither
 */
export async function readInitialFiles(
  method: AnyMethod,
  given: Readonly<Record<string, unknown>>,
): Promise<{ initial: NamedPictures; options: Record<string, unknown> }> {
  const initial: NamedPictures = {};
  const files: string[] = [];
  for (const { name, option, optionValue } of method.roles) {
    const value = option === undefined ? undefined : given[option];
    if (option === undefined || typeof value !== 'string') continue;
    const names = (valueSchemas(method.options)[option]?.enum ?? []).filter((one) => one !== optionValue);
    if (names.includes(value)) continue;
    const exists = await stat(value).catch(() => undefined);
    if (exists === undefined && !/[./\\]/.test(value)) {
      throw new StyleError(
        'E_ARGUMENT',
        `${flagOf(option)} can't be "${value}".`,
        `It takes one of ${names.join(', ')}, or the file of a picture.`,
        { option },
      );
    }
    files.push(option);
    initial[name] = value;
  }
  const options = Object.entries(given).filter(([option]) => !files.includes(option));
  return { initial, options: Object.fromEntries(options) };
}
