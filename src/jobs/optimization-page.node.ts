import { rm } from 'node:fs/promises';
import type { Image } from '../images/image.js';
import type { CurvePoint } from '../methods/optimize-scale.js';
import type { OptimizedPicture } from '../methods/optimize-scales.js';
import type { IterationProgress } from '../progress.js';
import { readChartLibrary } from '../report/chart-library.node.js';
import { embedPicture } from '../report/embedded-picture.node.js';
import type { LossTerm } from '../progress.js';
import { renderOptimizationReport } from '../report/optimization-report.js';
import type { PagePicture } from '../report/page-parts.js';
import { replaceFile } from '../replace-file.node.js';
import { formatGigabytes } from './memory.node.js';
import type { RunEnvironment } from './stylize-order.js';

/** Long sides, in pixels, of the pictures on the page. */
const sizes = { result: 1280, source: 480, strip: 320 } as const;
/** Pictures in the strip. */
const stripLength = 12;

/** A picture and what stands under it. */
interface Captioned {
  readonly image: Image;
  readonly caption: string;
}

/** What a page is about. */
export interface PageSubject {
  readonly path: string;
  readonly title: string;
  /** What the result is laid over; the first of the sources then. */
  readonly before: Captioned | undefined;
  readonly sources: { readonly heading: string; readonly pictures: readonly Captioned[] };
  readonly scales: readonly {
    readonly width: number;
    readonly height: number;
    readonly iterations: number;
  }[];
  readonly terms: readonly LossTerm[];
  /** The settings. */
  readonly facts: readonly Fact[];
  readonly command: string;
}

interface Standing {
  readonly stopped: 'running' | OptimizedPicture['stopped'];
  readonly iteration: number;
}

/**
 * The page about one optimised picture: written when the work begins, rewritten at each of the strip's pictures, and a
 * last time when the work ends. At any time the file is whole.
 */
export class OptimizationPage {
  private readonly strip: PagePicture[] = [];
  private readonly curve: CurvePoint[] = [];
  private readonly iterations: number;
  private readonly moments: ReadonlySet<number>;
  private readonly pictures: Promise<{ before: PagePicture | undefined; sources: PagePicture[] }>;
  private writes: Promise<void> = Promise.resolve();

  constructor(private readonly subject: PageSubject) {
    const { before, sources, scales } = subject;
    this.iterations = scales.reduce((sum, { iterations }) => sum + iterations, 0);
    this.moments = new Set(
      Array.from({ length: stripLength }, (_, k) => Math.round(((k + 1) * this.iterations) / stripLength)),
    );
    const embedded = sources.pictures.map(({ image, caption }) => embedPicture(image, caption, sizes.source));
    this.pictures = Promise.all(embedded).then(async (own) => {
      if (before === undefined) return { before, sources: own };
      const under = await embedPicture(before.image, before.caption, sizes.result);
      return { before: under, sources: [under, ...own] };
    });
    this.enqueue(() => this.write({ stopped: 'running', iteration: 0 }, undefined, []));
  }

  /** To be called with every step. */
  take(event: IterationProgress): void {
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

  /**
   * The last version.
   * @param name what stands under the result
   * @throws StyleError `E_OUTPUT` when it can't be written
   */
  async finish(outcome: OptimizedPicture, name: string, seconds: number): Promise<void> {
    const picture = await embedPicture(outcome.image, name, sizes.result);
    this.curve.splice(0, Infinity, ...outcome.curve);
    const { stopped, iterations } = outcome;
    const facts = outcomeFacts(outcome, this.subject.terms, seconds);
    this.enqueue(() => this.write({ stopped, iteration: iterations }, picture, facts));
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
    const { path, title, sources, scales, terms, facts, command } = this.subject;
    const shown = await this.pictures;
    const page = renderOptimizationReport(
      {
        ...{ title, stopped, iteration, iterations: this.iterations, before: shown.before },
        sources: { heading: sources.heading, pictures: shown.sources },
        ...{ result, terms, scales, strip: this.strip, curve: this.curve },
        ...{ facts: [...outcome, ...facts], command },
      },
      await readChartLibrary(),
    );
    await replaceFile(path, Buffer.from(page));
  }
}

/** A row of the table of settings. */
export type Fact = readonly [name: string, value: string];

/** A number as the table shows it. */
export const factNumber = (value: number): string => String(Number(value.toPrecision(4)));

/** The terms as the table names them. */
const termNames: Readonly<Record<LossTerm, string>> = {
  content: 'content',
  style: 'style',
  totalVariation: 'total variation',
  histogram: 'histogram',
  laplacian: 'detail',
};

function outcomeFacts(
  { losses, iterations, evaluations }: OptimizedPicture,
  terms: readonly LossTerm[],
  seconds: number,
): Fact[] {
  const peak = process.resourceUsage().maxRSS * 1024;
  const parts = terms.map((term) => `${termNames[term]} ${factNumber(losses[term] ?? 0)}`);
  return [
    ['Loss', `${factNumber(losses.total)} (${parts.join(', ')})`],
    ['Work', `${iterations} iterations, ${evaluations} evaluations of the loss`],
    ['Time', `${factNumber(seconds)} s`],
    ['Peak memory', formatGigabytes(peak)],
  ];
}

/** Sizes worked at, as one row. */
export function scalesFact(scales: PageSubject['scales']): Fact {
  const texts = scales.map(
    ({ width, height, iterations }) => `${width}x${height} (${iterations} iterations)`,
  );
  return ['Coarse to fine', texts.join(', ')];
}

/** Layers with their weights, as text. */
export function layersText(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([layer, weight]) => `${layer} (${factNumber(weight)})`)
    .join(', ');
}

/** The rows about machine and versions. */
export function environmentFacts({
  device,
  threads,
  versions,
}: Pick<RunEnvironment, 'device' | 'threads' | 'versions'>): Fact[] {
  return [
    ['Device', `${device}, ${threads} thread${threads === 1 ? '' : 's'}`],
    [
      'Versions',
      `Pastiche ${versions.pastiche}, ONNX Runtime ${versions.onnxruntime}, Node.js ${versions.node}`,
    ],
  ];
}
