import { filesOf, type FilesRequest } from '../jobs/files-request.js';
import { networkKindOf, type AnyMethod } from '../methods/method.js';
import { textOfValue } from '../methods/option-text.js';
import { flagOf, roleFlag } from './flag-names.js';

/** The options of a request beside the method's, in the order in which a command line names them. */
export const requestOptions = [
  'network',
  'enlarge',
  'device',
  'threads',
  'quality',
  'bitDepth',
  'maxPixels',
  'saveEvery',
  'trace',
  'report',
  'resume',
] as const;

export type RequestOption = (typeof requestOptions)[number];

/** The flag of such an option is named as it is, but that of a network which makes pictures. */
export const requestFlag = (method: AnyMethod, option: RequestOption): string =>
  option === 'network' && networkKindOf(method) !== 'perceptual' ? 'model' : option;

/** What a command line is made from. */
export type CommandSubject = Pick<
  FilesRequest,
  'pictures' | 'output' | 'options' | 'memoryLimit' | RequestOption
>;

/** The command line that does the same as a request, for a POSIX shell. */
export function commandLine(method: AnyMethod, request: CommandSubject): string {
  const [subject] = method.roles;
  const severalSubjects = filesOf(request, subject!.name).length > 1;
  const { group, name } = method;
  const { network } = request;
  const isModel = networkKindOf(method) === 'model';
  const args: string[] = ['pastiche', ...(group === undefined ? [] : [group]), name];
  if (isModel && network !== undefined) args.push(asPath(network));
  const flags: string[] = [];
  const given: Record<string, unknown> = { ...request.options };
  const add = (option: string, value: unknown): void => {
    if (value !== undefined) args.push(flagOf(option), textOfValue(value));
  };
  for (const role of method.roles) {
    const files = filesOf(request, role.name);
    if (role.option !== undefined) given[role.option] = files[0] ?? given[role.option];
    else if (role.argument === true && (role === subject || !severalSubjects))
      args.push(...files.map(asPath));
    else flags.push(...files.flatMap((file) => [roleFlag(role), file]));
  }
  if (request.output !== undefined) args.push('-o', request.output);
  args.push(...flags);
  for (const name of Object.keys(method.options.shape)) add(name, given[name]);
  for (const name of requestOptions)
    if (!(isModel && name === 'network')) add(requestFlag(method, name), request[name]);
  // The flag is in megabytes.
  if (request.memoryLimit !== undefined) add('memoryLimit', request.memoryLimit / 1e6);
  return shellLine(args);
}

/** Arguments as one line for a POSIX shell. */
export function shellLine(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}

/** A name that begins with a dash would be taken for a flag. */
const asPath = (name: string): string => (name.startsWith('-') ? `./${name}` : name);
