import { Command, Option } from 'commander';
import type { EvaluateFilesResult } from '../../node.js';
import { deviceNames, type DeviceName } from '../../runtime/device-names.js';
import { wholeNumber } from '../option-values.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatNumber, textTable } from '../text.js';

interface EvaluateFlags {
  readonly content: string;
  readonly style: string;
  readonly network?: string;
  readonly pooling?: 'max' | 'average';
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly json?: boolean;
}

const notes = `
Examples:
  $ pastiche evaluate out.png --content photo.jpg --style painting.jpg
  $ pastiche evaluate other-tool.png --content photo.jpg --style painting.jpg --network vgg19 --json

Lower is nearer. Photograph and painting are brought to the picture's size, so compare pictures of equal size, and under
the same network.`;

/**
 * The command `pastiche evaluate`: how far any picture, whatever made it, is from a photograph and a painting.
 * @param terminal the process's own unless given
 */
export function evaluateCommand({ stdout }: Terminal = processTerminal): Command {
  return new Command('evaluate')
    .description('measure content, style and smoothness of any picture, to compare results')
    .argument('<picture>', 'the picture to measure')
    .requiredOption('--content <file>', 'the photograph that it was made from')
    .requiredOption('--style <file>', 'the painting that it was made after')
    .option('--network <name|file>', 'weights of a VGG network (default: as for stylize)')
    .addOption(
      new Option('--pooling <name>', "the network's pooling (default: max)").choices(['max', 'average']),
    )
    .addOption(new Option('--device <name>', 'what computes (default: auto, the CPU)').choices(deviceNames))
    .addOption(
      wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', notes)
    .action(async (picture: string, flags: EvaluateFlags) => {
      const { content, style, network, pooling, device, threads, json } = flags;
      const { evaluateFiles } = await import('../../node.js');
      const result = await evaluateFiles({ picture, content, style, network, pooling, device, threads });
      stdout.write(json === true ? `${JSON.stringify(result)}\n` : evaluationText(result));
    });
}

function evaluationText(result: EvaluateFilesResult): string {
  const { picture, width, height, network, content, style, totalVariation } = result;
  const layers = Object.entries(style.layers).map(([layer, { gram, relative, meanStd }]) => [
    `  ${layer}`,
    ...[gram, relative, meanStd].map(formatNumber),
  ]);
  const rows = [
    ['Content', 'mean square', 'relative'],
    ['  relu4_2', formatNumber(content.mean), formatNumber(content.relative)],
    ['Style', 'Gram', 'relative', 'mean and std'],
    ...layers,
    ['  all', formatNumber(style.gram), formatNumber(style.relative), formatNumber(style.meanStd)],
    ['Total variation', 'mean', 'squared sum'],
    ['', formatNumber(totalVariation.absoluteMean), formatNumber(totalVariation.squaredSum)],
  ];
  const table = textTable(rows.map((row) => [...row, '', '', ''].slice(0, 4)));
  return `${picture}, ${width}x${height}, under ${network}; lower is nearer\n\n${table}`;
}
