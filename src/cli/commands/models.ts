import { Command } from 'commander';
import { StyleError } from '../../errors.js';
import { cacheFolder, modelFolders } from '../../weights/model-files.node.js';
import { findModel, listModels, pullModel, verifyModel } from '../../weights/models.node.js';
import type { DownloadProgress, ModelVerification } from '../../weights/models.js';
import { findModelRecord, modelNames, recordsOfFiles, type ModelFile } from '../../weights/registry.js';
import { commandDescriptions } from '../command-descriptions.js';
import { DownloadDisplay } from '../download-display.js';
import { flagNames, withFlags } from '../flag-words.js';
import { withInterruption } from '../interruption.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatBytes, textTable } from '../text.js';

/**
 * The command `pastiche models`: what networks there are, where they are, get them, check them.
 * Results go to stdout, progress to stderr; errors are thrown as StyleError.
 * @param terminal the process's own unless given
 */
export function modelsCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('models').description(commandDescriptions.models);
  command
    .command('list')
    .description('list the known networks and where they are')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) =>
      withFlags(modelFlagNames, () => list(terminal, options.json ?? false)),
    );
  command
    .command('pull')
    .description('download a network; a stopped download goes on where it stopped')
    .argument('<name>', modelNames())
    .option('--from <url>', 'another address to get the same file from')
    .option('--to <folder>', 'where to put it (default: the cache)')
    .action((name: string, options: { from?: string; to?: string }) =>
      withFlags(modelFlagNames, () => pull(terminal, name, options)),
    );
  command
    .command('verify')
    .description('check the files of the networks: size and digest, shapes, finite numbers')
    .argument('[name]', 'one network, or the path of a file (default: all that are here)')
    .action((name?: string) => withFlags(modelFlagNames, () => verify(terminal, name)));
  command
    .command('path')
    .description('print where a network is, or the folder that pull puts them into')
    .argument('[name]', modelNames())
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, options: { json?: boolean }) =>
      withFlags(modelFlagNames, () => path(terminal, name, options.json ?? false)),
    );
  return command;
}

/** What a download calls the folder and the address of this command's flags. */
const modelFlagNames = new Map([...flagNames(['from']), ['folder', '--to']]);

async function list({ stdout, environment }: Terminal, json: boolean): Promise<void> {
  const models = await listModels(environment);
  if (json) {
    const rows = models.map((model) => {
      const { name, title, architecture, licence, credit, path, also = [] } = model;
      const known = { name, title, architecture, licence, credit, ...fileRow(model), path: path ?? null };
      return also.length === 0 ? known : { ...known, also: also.map(fileRow) };
    });
    stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const rows = models.map((model) => [
    model.name,
    model.title,
    model.licence,
    formatBytes(recordsOfFiles(model).reduce((sum, { size }) => sum + size, 0)),
    model.path ?? (model.source.kind === 'none' ? 'not here, no public address' : 'not here'),
  ]);
  stdout.write(textTable([['NAME', 'WHAT', 'LICENCE', 'SIZE', 'WHERE'], ...rows], 'left'));
}

/** What is known of a file, as JSON. */
const fileRow = ({ size, fileName, hash, source }: ModelFile): object => ({
  size,
  fileName,
  hash: hash ?? null,
  url: source.kind === 'none' ? null : source.url,
});

async function pull(
  { stdout, stderr, environment }: Terminal,
  name: string,
  { from, to }: { from?: string; to?: string },
): Promise<void> {
  const display = new DownloadDisplay(name, { stderr, environment });
  const pulled = await withInterruption(display, undefined, ({ signal }) => {
    const onProgress = (event: DownloadProgress): void => display.show(event);
    return pullModel(name, { from, folder: to, signal, onProgress }, environment);
  });
  for (const { present, path, size, sha256 } of [pulled, ...(pulled.also ?? [])]) {
    const state = present ? 'is already here and sound' : 'is here now';
    stdout.write(`${name} ${state}: ${path} (${formatBytes(size)}, SHA-256 ${sha256})\n`);
  }
  if (to !== undefined && !modelFolders(environment).includes(to)) {
    const flag = findModelRecord(name)?.architecture === 'magenta' ? '--model' : '--network';
    stderr.write(`Set PASTICHE_MODELS=${to} so that ${flag} ${name} finds it.\n`);
  }
}

async function verify({ stdout, environment }: Terminal, name: string | undefined): Promise<void> {
  const installed = (await listModels(environment)).filter(({ path }) => path !== undefined);
  let failure: unknown;
  for (const one of name === undefined ? installed.map((model) => model.name) : [name]) {
    const path = await findModel(one, environment);
    try {
      const verified = await verifyModel(one, environment);
      for (const file of [verified, ...(verified.also ?? [])])
        stdout.write(`${one}: sound. ${explain(file)}\n`);
    } catch (error) {
      if (!(error instanceof StyleError)) throw error;
      stdout.write(`${one}: NOT SOUND, ${path}\n`);
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure as Error;
}

function explain({ path, size, matches, network }: ModelVerification): string {
  const digests = {
    published: 'its digest is the published one',
    recorded: 'its digest is that of the download',
  };
  const known = matches.map((match) => digests[match]).join(', ') || 'no digest of it is known';
  return `${path} (${formatBytes(size)}): ${network.text}; ${known}.`;
}

async function path(
  { stdout, environment }: Terminal,
  name: string | undefined,
  json: boolean,
): Promise<void> {
  const found = name === undefined ? cacheFolder(environment) : await findModel(name, environment);
  if (!json) stdout.write(`${found}\n`);
  else if (name !== undefined) stdout.write(`${JSON.stringify({ name, path: found })}\n`);
  else stdout.write(`${JSON.stringify({ folder: found, searched: modelFolders(environment) })}\n`);
}
