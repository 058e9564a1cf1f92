import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StyleError } from '../errors.js';
import { readImage } from '../images/codec.node.js';
import { createImage, type Image } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import {
  demonstrateGramInstability,
  gramInstabilityOptionsSchema,
  type GramInstability,
  type GramInstabilityInput,
  type GramInstabilityOptions,
  type TextbookMap,
} from '../methods/gram-instability.js';
import { checkReplaceable, replaceFile } from '../replace-file.node.js';
import { readChartLibrary } from '../report/chart-library.node.js';
import { embedPicture } from '../report/embedded-picture.node.js';
import { renderGramInstability } from '../report/gram-instability-report.js';
import type { PagePicture } from '../report/page-parts.js';
import { withRuntime, type MachineOrder } from './machine.node.js';
import { loadNetwork } from './network.node.js';
import { flagOf, shellLine } from './shell-command.js';
import { versions } from './stylize-session.node.js';

/** A page to be made about what Gram matrices can't see. */
export interface GramInstabilityOrder extends MachineOrder {
  /** The HTML file. */
  readonly output: string;
  /** The picture to make textures after. @defaultValue Hokusai's wave of examples/, where that folder is */
  readonly sample?: string | undefined;
  readonly options?: GramInstabilityOptions | undefined;
  /** A file of weights or a network's name. @defaultValue the first at hand of those that stylize takes */
  readonly network?: string | undefined;
  readonly onProgress?: GramInstabilityInput['onProgress'];
  readonly signal?: AbortSignal | undefined;
}

/** The numbers of the page. */
export interface GramInstabilityPageResult {
  readonly output: string;
  readonly sample: string;
  readonly network: string;
  readonly width: number;
  readonly height: number;
  /** The histogram loss of the textbook pair, whose Gram values are equal. */
  readonly pair: number;
  /** The distances of both textures from the sample, by layer. */
  readonly gram: GramInstability['gram']['layers'];
  readonly both: GramInstability['both']['layers'];
  readonly seconds: number;
}

/** The long side of a picture on the page: small textures are shown enlarged, so that their pixels can be compared. */
const shownSide = 384;

/**
 * Makes the page; see {@link demonstrateGramInstability}. The file is written at the end, whole or not at all.
 * @throws StyleError for files that can't be read or written, a missing network, options that can't be
 */
export async function gramInstabilityPage(order: GramInstabilityOrder): Promise<GramInstabilityPageResult> {
  const started = performance.now();
  const path = order.sample ?? exampleSample();
  await checkReplaceable(order.output);
  return withRuntime(order, async (runtime) => {
    const [sample, network] = await Promise.all([readImage(path), loadNetwork('default', order.network)]);
    const { options, onProgress, signal } = order;
    const work = { sample, options, onProgress, signal };
    const result = await demonstrateGramInstability(runtime, network.weights, work);
    const seconds = (performance.now() - started) / 1000;
    const { width, height } = result.sample;
    const page = renderGramInstability(
      {
        result,
        even: await shownMap(result.pair.even, '0.707 everywhere'),
        uneven: await shownMap(result.pair.uneven, 'half 1, half 0'),
        sample: await shown(result.sample, `the sample: ${basename(path)}`),
        gram: await shown(result.gram.image, 'by Gram alone'),
        both: await shown(result.both.image, 'by Gram and histograms'),
        facts: [
          ['Size', `${width}x${height}, from ${sample.width}x${sample.height}`],
          [
            'Steps',
            `${result.options.iterations} at half the size and as many at the whole, for each texture`,
          ],
          ['Weight of the histogram loss', String(result.options.histogramWeight)],
          ['Seed', String(result.options.seed)],
          ['Network', network.name],
          ['Time', `${seconds.toPrecision(3)} s`],
          ['Device', `${runtime.device}, ${runtime.threads} thread${runtime.threads === 1 ? '' : 's'}`],
          ['Versions', `Pastiche ${versions.pastiche}, ONNX Runtime ${versions.onnxruntime}`],
        ],
        command: commandOf(order),
      },
      await readChartLibrary(),
    );
    await replaceFile(order.output, Buffer.from(page));
    return {
      ...{ output: order.output, sample: path, network: network.name, width, height },
      ...{ pair: result.pair.histogram, gram: result.gram.layers, both: result.both.layers, seconds },
    };
  });
}

/** @throws StyleError `E_INPUT_MISSING` where the package was installed without its examples */
function exampleSample(): string {
  const path = fileURLToPath(new URL('../../examples/great-wave.jpg', import.meta.url));
  if (existsSync(path)) return path;
  throw new StyleError(
    'E_INPUT_MISSING',
    `There is no example picture "${path}" to make textures after.`,
    'Name a picture: pastiche demo gram-instability picture.jpg -o page.html.',
  );
}

function shown(image: Image, caption: string): Promise<PagePicture> {
  const factor = Math.max(1, Math.floor(shownSide / Math.max(image.width, image.height)));
  const large = resizeImage(image, factor * image.width, factor * image.height, 'nearest');
  return embedPicture(large, caption, Math.max(large.width, large.height));
}

function shownMap({ side, values }: TextbookMap, caption: string): Promise<PagePicture> {
  const rgb = Float32Array.from({ length: 3 * values.length }, (_, i) => values[i % values.length]!);
  return shown(createImage(side, side, rgb), caption);
}

function commandOf({ output, sample, options = {}, network, device, threads }: GramInstabilityOrder): string {
  const given: Record<string, unknown> = { ...options, network, device, threads };
  const names = [...Object.keys(gramInstabilityOptionsSchema.shape), 'network', 'device', 'threads'];
  const flags = names
    .filter((name) => given[name] !== undefined)
    .flatMap((name) => [flagOf(name), String(given[name])]);
  const picture = sample === undefined ? [] : [sample.startsWith('-') ? `./${sample}` : sample];
  return shellLine(['pastiche', 'demo', 'gram-instability', ...picture, '-o', output, ...flags]);
}
