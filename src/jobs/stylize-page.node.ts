import { basename } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Image } from '../images/image.js';
import type { CurvePoint } from '../methods/optimize-scale.js';
import type { ScalePlan } from '../methods/stylize/scales.js';
import type { StylizeIteration, StylizeResult } from '../methods/stylize/stylizer.js';
import type { Losses } from '../progress.js';
import { readChartLibrary } from '../report/chart-library.node.js';
import { embedPicture } from '../report/embedded-picture.node.js';
import type { PagePicture } from '../report/page-parts.js';
import { renderStylizeReport } from '../report/stylize-report.js';
import { replaceFile } from '../replace-file.node.js';
import { formatGigabytes } from './memory.node.js';
import { stylizeCommand } from './shell-command.js';
import type { RunEnvironment, StylizeOrder } from './stylize-order.js';

/** Long sides, in pixels, of the pictures on the page. */
const sizes = { result: 1280, source: 480, strip: 320 } as const;
/** Pictures in the strip. */
const stripLength = 12;

interface PageSubject {
  readonly path: string;
  readonly order: StylizeOrder;
  readonly environment: RunEnvironment;
  readonly plan: ScalePlan;
  readonly content: Image;
  /** The photograph's and the paintings' file names. */
  readonly contentName: string;
  readonly styles: readonly Image[];
}

type Standing = { readonly stopped: 'running' | StylizeResult['stopped']; readonly iteration: number };

/**
 * The page about one stylisation: written when the work begins, rewritten at each of the strip's pictures, and a last
 * time when the work ends. At any time the file is whole.
 */
export class StylizePage {
  private readonly strip: PagePicture[] = [];
  private readonly curve: CurvePoint[] = [];
  private readonly iterations: number;
  private readonly moments: ReadonlySet<number>;
  private readonly sources: Promise<{ content: PagePicture; styles: PagePicture[] }>;
  private writes: Promise<void> = Promise.resolve();

  constructor(private readonly subject: PageSubject) {
    const { content, contentName, styles, order, plan } = subject;
    this.iterations = plan.scales.reduce((sum, { iterations }) => sum + iterations, 0);
    this.moments = new Set(
      Array.from({ length: stripLength }, (_, k) => Math.round(((k + 1) * this.iterations) / stripLength)),
    );
    const styleNames = order.styles.map((path) => basename(path));
    this.sources = Promise.all([
      embedPicture(content, basename(contentName), sizes.result),
      ...styles.map((style, index) => embedPicture(style, styleNames[index]!, sizes.source)),
    ]).then(([photograph, ...paintings]) => ({ content: photograph!, styles: paintings }));
    this.enqueue(() => this.write({ stopped: 'running', iteration: 0 }, undefined, []));
  }

  /** To be called with every step. */
  take(event: StylizeIteration): void {
    const { iteration, scale, elapsed, losses, width, height } = event;
    this.curve.push({ ...losses, iteration, scale, elapsed });
    if (!this.moments.has(iteration)) return;
    const image = event.image();
    this.enqueue(async () => {
      this.strip.push(await embedPicture(image, `${iteration}: ${width}x${height}`, sizes.strip));
      const result = await embedPicture(image, `after ${iteration} iterations`, sizes.result);
      await this.write({ stopped: 'running', iteration }, result, []);
    });
  }

  /** The last version. @throws StyleError `E_OUTPUT` when it can't be written */
  async finish(result: StylizeResult, seconds: number): Promise<void> {
    const name = basename(this.subject.order.output);
    const picture = await embedPicture(result.image, name, sizes.result);
    this.curve.splice(0, Infinity, ...result.curve);
    this.enqueue(() =>
      this.write(
        { stopped: result.stopped, iteration: result.iterations },
        picture,
        outcomeFacts(result, seconds),
      ),
    );
    await this.writes;
  }

  /** Takes the page away: its work ended in an error. */
  async discard(): Promise<void> {
    await this.writes.catch(() => undefined);
    await rm(this.subject.path, { force: true });
  }

  private enqueue(write: () => Promise<void>): void {
    this.writes = this.writes.then(write);
    // Told where the writes are waited for, and not as an unhandled rejection before.
    this.writes.catch(() => undefined);
  }

  private async write(
    { stopped, iteration }: Standing,
    result: PagePicture | undefined,
    outcome: readonly Fact[],
  ): Promise<void> {
    const { path, order, environment, plan, contentName } = this.subject;
    const { content, styles } = await this.sources;
    const names = styles.map(({ caption }) => caption).join(', ');
    const page = renderStylizeReport(
      {
        title: `${basename(contentName)} after ${names}`,
        ...{ stopped, iteration, iterations: this.iterations },
        ...{ content, styles, result, strip: this.strip, curve: this.curve },
        scales: plan.scales,
        facts: [...outcome, ...settingsFacts(environment, plan, this.subject.content)],
        command: stylizeCommand(order),
      },
      await readChartLibrary(),
    );
    await replaceFile(path, Buffer.from(page));
  }
}

type Fact = readonly [name: string, value: string];

const number = (value: number): string => String(Number(value.toPrecision(4)));

function lossText({ total, content, style, totalVariation }: Losses): string {
  return `${number(total)} (content ${number(content)}, style ${number(style)}, total variation ${number(totalVariation)})`;
}

function outcomeFacts({ losses, iterations, evaluations }: StylizeResult, seconds: number): Fact[] {
  const peak = process.resourceUsage().maxRSS * 1024;
  return [
    ['Loss', lossText(losses)],
    ['Work', `${iterations} iterations, ${evaluations} evaluations of the loss`],
    ['Time', `${number(seconds)} s`],
    ['Peak memory', formatGigabytes(peak)],
  ];
}

function settingsFacts(
  { settings, network, device, threads, versions }: RunEnvironment,
  plan: ScalePlan,
  content: Image,
): Fact[] {
  const layers = (weights: Readonly<Record<string, number>>): string =>
    Object.entries(weights)
      .map(([layer, weight]) => `${layer} (${number(weight)})`)
      .join(', ');
  const { contentWeight, styleWeight, totalVariationWeight } = settings;
  return [
    ['Size', `${plan.width}x${plan.height}, from a photograph of ${content.width}x${content.height}`],
    [
      'Coarse to fine',
      plan.scales
        .map(({ width, height, iterations }) => `${width}x${height} (${iterations} iterations)`)
        .join(', '),
    ],
    ['Preset', settings.preset],
    ['Network', `${network}, ${settings.pooling} pooling`],
    [
      'Weights',
      `content ${number(contentWeight)}, style ${number(styleWeight)}, total variation ${number(totalVariationWeight)}`,
    ],
    ['Content layers', layers(settings.contentLayers)],
    ['Style layers', layers(settings.styleLayers)],
    ['Optimizer', settings.optimizer.name],
    ['Start', settings.init],
    ['Seed', String(settings.seed)],
    ['Device', `${device}, ${threads} thread${threads === 1 ? '' : 's'}`],
    [
      'Versions',
      `Pastiche ${versions.pastiche}, ONNX Runtime ${versions.onnxruntime}, Node.js ${versions.node}`,
    ],
  ];
}
