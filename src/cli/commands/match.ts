import { Command, Option } from 'commander';
import { matchOptionsSchema, type MatchOptions } from '../../methods/match/match-pictures.js';
import type { MatchFilesResult } from '../../node.js';
import { deviceNames, type DeviceName } from '../../runtime/device-names.js';
import { Interruption } from '../interruption.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { wholeNumber } from '../option-values.js';
import { StatusBar } from '../status-bar.js';
import { exitCodes, processTerminal, type Terminal } from '../terminal.js';
import { formatNumber } from '../text.js';

interface MatchFlags extends MatchOptions {
  readonly output: string;
  readonly network?: string;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly json?: boolean;
}

const notes = `
Examples:
  $ pastiche match photo.jpg painting.jpg -o matched/
  $ pastiche match photo.jpg painting.jpg -o matched/ --layer relu3_1 --patch 5

Writes into the folder: correspondence.npy (row and column of each position's match, int32) and scores.npy (float32), for
NumPy; correspondence.png, the same as colours: the hue is the direction to the match, the saturation the distance;
scores.png, black for 0 and white for 1; rebuilt.png, the first picture made of the second one's patches.

Ctrl-C stops the work, and nothing is written. Exit codes: 0 done, 2 something could not be used, 130 Ctrl-C.`;

/**
 * The command `pastiche match`: where each patch of a picture is found again in another one.
 * @param terminal the process's own unless given
 */
export function matchCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('match')
    .description('find where each patch of a picture comes from in another one')
    .argument('<picture>', 'the picture whose patches are looked for')
    .argument('<reference>', 'the picture that they are looked for in')
    .requiredOption('-o, --output <folder>', 'the folder for the results');
  for (const option of optionFlags(matchOptionsSchema)) command.addOption(option);
  return command
    .option('--network <name|file>', 'weights of a VGG network (default: as for stylize)')
    .addOption(new Option('--device <name>', 'what computes (default: auto, the CPU)').choices(deviceNames))
    .addOption(
      wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', notes)
    .action((picture: string, reference: string, flags: MatchFlags) =>
      match(picture, reference, flags, terminal),
    );
}

async function match(
  picture: string,
  reference: string,
  flags: MatchFlags,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const { output, network, device, threads, json } = flags;
  const options = givenOptions(matchOptionsSchema, { ...flags }) as MatchOptions;
  const bar = new StatusBar(stderr, '{bar} {percentage} %  comparing patches');
  bar.draw(0, 100);
  const interruption = new Interruption(
    () => bar.say('Stopping; nothing is written. Ctrl-C again quits at once.'),
    () => bar.stop(),
  );
  try {
    const { matchFiles } = await import('../../node.js');
    const result = await matchFiles({
      ...{ picture, reference, output, options, network, device, threads },
      signal: interruption.signal,
      onProgress: (done) => bar.draw(Math.round(100 * done), 100),
    });
    bar.stop();
    stdout.write(json === true ? `${JSON.stringify(result)}\n` : resultText(result));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    bar.stop();
    interruption.release();
  }
}

function resultText(result: MatchFilesResult): string {
  const { picture, reference, layer, map, referenceMap, meanScore, coverage, files, seconds } = result;
  const lines = [
    `${picture} in ${reference} at ${layer}: ${map.width}x${map.height} patches among ${referenceMap.width}x${referenceMap.height}`,
    `mean score ${formatNumber(meanScore)}; ${formatNumber(100 * coverage)} % of the reference is used; ${formatNumber(seconds)} s`,
    ...Object.values(files).map((file) => `  ${file}`),
  ];
  return `${lines.join('\n')}\n`;
}
