import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { argumentError } from '../errors.js';
import { networkKindOf, type AnyMethod } from '../methods/method.js';
import { behindLinks } from '../replace-file.node.js';
import { findModel, listModels } from '../weights/models.node.js';
import { intermediatePath, statePath } from './file-recorder.node.js';
import type { FilePair } from './file-pairs.node.js';
import { filesOf, type FilesRequest } from './files-request.js';

/** A file that will be written, and the option that says where. */
export interface Output {
  readonly path: string;
  readonly option: string;
}

/**
 * Nobody wants an input overwritten, be it a picture, a mask, weights or a state, or two results in one file.
 * @throws StyleError `E_ARGUMENT`
 */
export async function checkDistinct(
  method: AnyMethod,
  request: FilesRequest,
  pairs: readonly FilePair[],
): Promise<void> {
  const { resume } = request;
  const states = pairs.map(({ output }) => output && absolutePath(statePath(output)));
  const resumed = resume === undefined ? undefined : await fileIdentity(resume);
  const inputs = await inputsOf(method, request, pairs);
  await checkOverwritten(
    inputs.map((path) => ({ path, what: 'an input' })),
    await outputsOf(method, request, pairs),
    // A run that goes on from its own state saves the next one in its place.
    (path, identity) => identity === resumed && states.includes(absolutePath(path)),
  );
}

/**
 * Checks that no output is an input or another output. Two names of one file are the same, by whatever links.
 * @param inputs where they are, and what they are in words; those without a path don't count
 * @param mayReplace whether an output may take an input's place
 * @throws StyleError `E_ARGUMENT` that names the output's option
 */
export async function checkOverwritten(
  inputs: readonly { readonly path: string | undefined; readonly what: string }[],
  outputs: readonly Output[],
  mayReplace: (path: string, identity: string) => boolean = () => false,
): Promise<void> {
  const read = new Map<string, string>();
  for (const { path, what } of inputs) if (path !== undefined) read.set(await fileIdentity(path), what);
  const written = new Map<string, string>();
  for (const { path, option } of outputs) {
    const identity = await fileIdentity(path);
    const input = read.get(identity);
    if (input !== undefined && !mayReplace(path, identity)) {
      throw argumentError(
        option,
        `"${path}" is ${input} and would be overwritten.`,
        'Name another output file or folder.',
      );
    }
    const other = written.get(identity);
    if (other !== undefined) {
      const pictures = '; pictures of one name from different folders need runs of their own';
      throw argumentError(
        option,
        `Two results would go into the same file "${path}".`,
        `Give every result a file of its own${other === option ? pictures : ''}.`,
      );
    }
    written.set(identity, option);
  }
}

/** Every file that is read: those of networks that may be found by their names as well. */
async function inputsOf(
  method: AnyMethod,
  request: FilesRequest,
  pairs: readonly FilePair[],
): Promise<string[]> {
  const { network, resume } = request;
  const pictures = method.roles
    .slice(1)
    .flatMap(({ name, isWord }) => filesOf(request, name).filter((path) => isWord?.(path) !== true));
  const weights =
    network === undefined
      ? (await listModels()).map(({ path }) => path)
      : [networkKindOf(method) === 'perceptual' ? await findModel(network).catch(() => network) : network];
  return [...pairs.map(({ input }) => input), ...pictures, ...weights, resume].filter(
    (path) => path !== undefined,
  );
}

/** Every file that may be written. */
async function outputsOf(
  method: AnyMethod,
  { saveEvery, trace, report }: FilesRequest,
  pairs: readonly FilePair[],
): Promise<Output[]> {
  const paths = await Promise.all(
    pairs.map(async ({ output }) => {
      if (output === undefined) return [];
      if (method.output.kind === 'folder') return method.output.names.map((name) => join(output, name));
      if (method.stepwise?.() !== true) return [output];
      return [output, statePath(output), ...(await existingIntermediates(output, saveEvery))];
    }),
  );
  return [...paths.flat().map((path) => ({ path, option: 'output' })), ...namedOutputs({ trace, report })];
}

/** The outputs of options, by the options' names: those that are named. */
export const namedOutputs = (paths: Readonly<Record<string, string | undefined>>): Output[] =>
  Object.entries(paths).flatMap(([option, path]) => (path === undefined ? [] : [{ path, option }]));

/** The files that pictures saved on the way would replace. */
async function existingIntermediates(output: string, saveEvery: number | undefined): Promise<string[]> {
  if (saveEvery === undefined) return [];
  const folder = dirname(output);
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .filter((name) => {
      const iteration = Number(/-(\d{6,})\.\w+$/.exec(name)?.[1] ?? NaN);
      return iteration % saveEvery === 0 && basename(intermediatePath(output, iteration)) === name;
    })
    .map((name) => join(folder, name));
}

/** A path as it is where the working directory was deleted, which no path starts from then. */
function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch {
    return path;
  }
}

/** What tells files apart, whether they exist or not: two names of one file have the same, by whatever links. */
export async function fileIdentity(path: string): Promise<string> {
  const target = await behindLinks(path).catch(() => absolutePath(path));
  const found = await stat(target, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true ? `${found.dev}:${found.ino}` : target;
}
