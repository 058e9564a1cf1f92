import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatGigabytes } from '../api/memory-check.js';
import { lossTermNames, type Losses, type LossTerm } from '../losses/terms.js';
import { factNumber } from '../methods/facts.js';
import {
  picturesOf,
  type Fact,
  type MethodDescription,
  type PictureOutcome,
  type PictureRole,
  type PictureSet,
} from '../methods/method.js';
import type { CurvePoint } from '../methods/optimization/walk-state.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import type { MethodPlan } from '../methods/plan.js';
import type { IterationProgress } from '../methods/progress.js';
import { readChartLibrary } from '../report/chart-library.node.js';
import { embedPicture } from '../report/embedded-picture.node.js';
import { renderOptimizationReport, type OptimizationReport } from '../report/optimization-report.js';
import type { PagePicture } from '../report/page-parts.js';
import { replaceFile } from '../replace-file.node.js';
import { filesOf } from './files-request.js';
import type { SharedRun } from './shared-run.node.js';
import { versionsText } from './versions.node.js';
import { WriteQueue } from './write-queue.js';

/** Long sides, in pixels, of the pictures on the page. */
const sizes = { result: 1280, source: 480, strip: 320 } as const;
/** Pictures in the strip. */
const stripLength = 12;

/** What a page is about. */
export interface ReportedRun {
  readonly run: SharedRun;
  readonly input: string;
  readonly pictures: PictureSet;
  readonly plan: MethodPlan;
  readonly description: MethodDescription;
}

/**
 * The page about one picture: written when the run begins, rewritten at each of the strip's pictures, and a last time when
 * the run ends. At any time the file is whole.
 */
export class RunReport {
  private readonly strip: PagePicture[] = [];
  private readonly curve: CurvePoint[] = [];
  private readonly iterations: number;
  private readonly moments: ReadonlySet<number>;
  private readonly sources: Promise<{ before: PagePicture | undefined; pictures: PagePicture[] }>;
  private readonly terms: readonly LossTerm[];
  private readonly writes: WriteQueue;

  constructor(
    private readonly path: string,
    private readonly subject: ReportedRun,
  ) {
    const { run, plan } = subject;
    this.writes = new WriteQueue((reason) =>
      run.request.onProgress?.({
        type: 'warning',
        message: `The page about the run could not be written. ${reason}`,
      }),
    );
    this.terms = run.method.terms(run.prepared.settings);
    this.iterations = plan.scales.reduce((sum, { iterations }) => sum + iterations, 0);
    this.moments = new Set(
      Array.from({ length: stripLength }, (_, k) => Math.round(((k + 1) * this.iterations) / stripLength)),
    );
    this.sources = embedSources(subject);
    this.writes.add(() => this.write('running', 0, undefined, []));
  }

  /** To be called with every step. */
  take(event: IterationProgress): void {
    const { iteration, scale, elapsed, losses, width, height } = event;
    this.curve.push({ ...losses, iteration, scale, elapsed });
    if (!this.moments.has(iteration)) return;
    const image = event.image();
    this.writes.add(async () => {
      this.strip.push(await embedPicture(image, `${iteration}: ${width}x${height}`, sizes.strip));
      const result = await embedPicture(image, `after ${iteration} iterations`, sizes.result);
      await this.write('running', iteration, result, []);
    });
  }

  /**
   * The last version.
   * @param name what stands under the result
   * @throws StyleError `E_OUTPUT` when it can't be written
   */
  async finish(
    outcome: PictureOutcome & Partial<OptimizedPicture>,
    name: string,
    seconds: number,
  ): Promise<void> {
    const picture = await embedPicture(outcome.image, name, sizes.result);
    this.curve.splice(0, Infinity, ...(outcome.curve ?? []));
    const facts = this.outcomeFacts(outcome, seconds);
    await this.writes.settled();
    await this.write(outcome.stopped, outcome.iterations ?? 0, picture, facts);
  }

  /** Takes the page away: its run ended in an error. */
  async discard(): Promise<void> {
    await this.writes.settled();
    await rm(this.path, { force: true });
  }

  private async write(
    stopped: OptimizationReport['stopped'],
    iteration: number,
    result: PagePicture | undefined,
    outcome: readonly Fact[],
  ): Promise<void> {
    const { run, plan, description } = this.subject;
    const { before, pictures } = await this.sources;
    const page = renderOptimizationReport(
      {
        title: this.title(description.title),
        stopped,
        iteration,
        iterations: this.iterations,
        before,
        sources: { heading: 'Made from', pictures },
        result,
        terms: this.terms,
        scales: plan.scales,
        strip: this.strip,
        curve: this.curve,
        facts: [...outcome, ...description.facts, ...environmentFacts(run)],
        command: run.request.command,
      },
      await readChartLibrary(),
    );
    await replaceFile(this.path, Buffer.from(page));
  }

  /** A title begins with a capital letter, unless that were another file's name. */
  private title(text: string): string {
    const { run, input } = this.subject;
    const files = [input, ...run.method.roles.flatMap(({ name }) => filesOf(run.request, name))];
    if (files.some((file) => text.startsWith(basename(file)))) return text;
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  private lossFact(losses: Losses): string {
    const known = this.terms.filter((term) => losses[term] !== undefined);
    const terms = known.map((term) => `${lossTermNames[term]} ${factNumber(losses[term]!)}`);
    return `${factNumber(losses.total)} (${terms.join(', ')})`;
  }

  private outcomeFacts(outcome: Partial<OptimizedPicture>, seconds: number): Fact[] {
    const { losses, parts, iterations, evaluations } = outcome;
    const facts: Fact[] = [];
    if (losses !== undefined) {
      if (parts === undefined) facts.push(['Loss', this.lossFact(losses)]);
      else facts.push(...parts.map((part): Fact => [`Loss of ${part.label}`, this.lossFact(part.losses)]));
      facts.push(['Steps', `${iterations} iterations, ${evaluations} evaluations of the loss`]);
    }
    const peak = process.resourceUsage().maxRSS * 1024;
    return [...facts, ['Time', `${factNumber(seconds)} s`], ['Peak memory', formatGigabytes(peak)]];
  }
}

/** The pictures that a result is made from, and the one that it is compared with. */
async function embedSources({
  run: { method, request },
  input,
  pictures,
  description,
}: ReportedRun): Promise<{ before: PagePicture | undefined; pictures: PagePicture[] }> {
  let before: PagePicture | undefined;
  const embedded: PagePicture[] = [];
  for (const [index, role] of method.roles.entries()) {
    const { name } = role;
    const files = index === 0 ? [input] : filesOf(request, name);
    for (const [place, picture] of picturesOf(pictures, name).entries()) {
      if (typeof picture === 'string') continue;
      const caption = `${basename(files[place]!)}${index === 0 ? '' : ` (${inWords(role)})`}`;
      const isBefore = name === description.before && before === undefined;
      const shown = await embedPicture(picture, caption, isBefore ? sizes.result : sizes.source);
      if (isBefore) before = shown;
      embedded.push(shown);
    }
  }
  return { before, pictures: embedded };
}

/** What one picture of a role is, in words: `content mask`. */
const inWords = ({ name, several }: PictureRole): string =>
  (several === true ? name.replace(/s$/, '') : name).replace(
    /[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );

/** The rows about network, machine and versions. */
export function environmentFacts({ environment }: SharedRun): Fact[] {
  const { network, device, threads } = environment;
  return [
    ...(network === undefined ? [] : [['Network', network] as const]),
    ...(device === undefined
      ? []
      : [['Device', `${device}, ${threads} thread${threads === 1 ? '' : 's'}`] as const]),
    ['Versions', versionsText(environment.versions)],
  ];
}
