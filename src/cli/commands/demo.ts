import { Command, Option } from 'commander';
import { gramInstabilityOptionsSchema, type GramInstabilityOptions } from '../../methods/gram-instability.js';
import type { GramInstabilityPageResult } from '../../node.js';
import { deviceNames, type DeviceName } from '../../runtime/device-names.js';
import { Interruption } from '../interruption.js';
import { wholeNumber } from '../option-values.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { exitCodes, processTerminal, type Terminal } from '../terminal.js';
import { formatDuration, formatNumber, textTable } from '../text.js';

interface GramInstabilityFlags extends GramInstabilityOptions {
  readonly output: string;
  readonly network?: string;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly json?: boolean;
}

const notes = `
Examples:
  $ pastiche demo gram-instability
  $ pastiche demo gram-instability bark.jpg -o page.html --histogram-weight 3

The page needs nothing but itself. It takes well under two minutes.`;

/**
 * The command `pastiche demo`, with a subcommand for each demonstration.
 * @param terminal the process's own unless given
 */
export function demoCommand(terminal: Terminal = processTerminal): Command {
  return new Command('demo')
    .description('pages that show why a method is as it is')
    .addCommand(gramInstabilityCommand(terminal));
}

function gramInstabilityCommand(terminal: Terminal): Command {
  const command = new Command('gram-instability')
    .description("what Gram matrices can't see, and the histogram loss that does")
    .argument('[sample]', "the picture to make textures after (default: Hokusai's wave of examples/)")
    .option('-o, --output <file>', 'the HTML page to write', 'gram-instability.html');
  for (const option of optionFlags(gramInstabilityOptionsSchema)) command.addOption(option);
  return command
    .option('--network <name|file>', 'weights of a VGG network (default: as for stylize)')
    .addOption(new Option('--device <name>', 'what computes (default: auto, the CPU)').choices(deviceNames))
    .addOption(
      wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', notes)
    .action((sample: string | undefined, flags: GramInstabilityFlags) => show(sample, flags, terminal));
}

async function show(
  sample: string | undefined,
  flags: GramInstabilityFlags,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const { output, network, device, threads, json } = flags;
  const options: GramInstabilityOptions = givenOptions(gramInstabilityOptionsSchema, { ...flags });
  const { gramInstabilityPage } = await import('../../node.js');
  const clear = (): void => void (stderr.isTTY === true && stderr.write('\r\x1b[K'));
  const interruption = new Interruption(clear, clear);
  try {
    const result = await gramInstabilityPage({
      ...{ output, sample, options, network, device, threads, signal: interruption.signal },
      onProgress: ({ step, steps }) => {
        if (stderr.isTTY === true) stderr.write(`\rstep ${step} of ${steps}`);
        else if (step === 1 && json !== true) stderr.write(`Making two textures in ${steps} steps.\n`);
      },
    });
    clear();
    stdout.write(json === true ? `${JSON.stringify(result)}\n` : resultText(result));
  } catch (error) {
    clear();
    if (!interruption.signal.aborted) throw error;
    stderr.write(`Stopped; "${output}" was not written.\n`);
    process.exitCode = exitCodes.interrupted;
  } finally {
    interruption.release();
  }
}

function resultText({ output, pair, gram, both, seconds }: GramInstabilityPageResult): string {
  const rows = gram.map((own, index) => [
    `  ${own.layer}`,
    ...[own.gram, both[index]!.gram, own.histogram, both[index]!.histogram].map(formatNumber),
  ]);
  const head = ['Distance', 'Gram: alone', 'with histograms', 'histogram: alone', 'with histograms'];
  return (
    `${output}: two maps of equal Gram value have a histogram distance of ${formatNumber(pair)}.\n\n` +
    `${textTable([head, ...rows])}\nMade in ${formatDuration(seconds)}.\n`
  );
}
