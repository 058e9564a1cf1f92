import { readChartLibrary } from '../report/chart-library.node.js';
import { embedPicture } from '../report/embedded-picture.node.js';
import type { PagePicture } from '../report/page-parts.js';
import { renderTrainingReport, type TrainingReport } from '../report/training-report.js';
import { replaceFile } from '../replace-file.node.js';
import {
  HistoryRecorder,
  type TrainingHistory,
  type ValidationPicture,
} from '../training/training-history.js';
import type { TrainingProgress, ValidationProgress } from '../training/training-progress.js';
import { WriteQueue } from './write-queue.js';

/** What a page about a training is told at the beginning. */
export interface TrainingPageSubject {
  /** The HTML file. */
  readonly path: string;
  readonly title: string;
  /** Steps in all. */
  readonly steps: number;
  /** Settings, as names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that trains the same again. */
  readonly command: string | undefined;
  /** Of a resumed training: the steps done and their history. */
  readonly startAt?: number | undefined;
  readonly history?: TrainingHistory | undefined;
  /** Milliseconds that pass at least between two versions, unless there are new pictures. @defaultValue 10000 */
  readonly interval?: number | undefined;
  /** Told when a version on the way could not be written; the next one may be. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Long sides, in pixels, of the pictures on the page. */
const sizes = { latest: 1024, strip: 256 } as const;

/**
 * The page about a training: written when it begins, rewritten every so often and with each validation, and a last time
 * when it ends. At any time the file is whole.
 */
export class TrainingPage {
  private step: number;
  private history: () => TrainingHistory;
  private latest: readonly PagePicture[] = [];
  private latestStep: number | undefined;
  private readonly strip = new Map<number, PagePicture>();
  private lastWrite = -Infinity;
  private readonly writes = new WriteQueue((reason) =>
    this.subject.onWarning?.(`The page about the training could not be written. ${reason}`),
  );

  constructor(private readonly subject: TrainingPageSubject) {
    const { startAt = 0, history = new HistoryRecorder().history() } = subject;
    this.step = startAt;
    this.history = () => history;
    this.rewrite();
  }

  /** To be called with every event of the training. */
  take(event: TrainingProgress): void {
    if (event.type !== 'step' && event.type !== 'validation') return;
    this.step = event.step;
    this.history = () => event.history();
    if (event.type === 'validation') this.writes.add(() => this.embed(event));
    const { interval = 10_000 } = this.subject;
    if (event.type === 'validation' || performance.now() - this.lastWrite >= interval) this.rewrite();
  }

  /**
   * The last version.
   * @param reason why it failed, as a sentence
   * @throws StyleError `E_OUTPUT` when it can't be written
   */
  async finish(stopped: 'finished' | 'cancelled' | 'failed', reason?: string): Promise<void> {
    await this.writes.settled();
    await this.write(stopped, this.step, this.history(), reason);
  }

  private rewrite(): void {
    this.lastWrite = performance.now();
    const [step, history] = [this.step, this.history()];
    this.writes.add(() => this.write('running', step, history));
  }

  private async embed({ step, report }: ValidationProgress): Promise<void> {
    this.latest = await Promise.all(
      report.pictures.map(({ image, caption }) => embedPicture(image, caption, sizes.latest)),
    );
    this.latestStep = step;
  }

  private async write(
    stopped: TrainingReport['stopped'],
    step: number,
    history: TrainingHistory,
    reason?: string,
  ): Promise<void> {
    const { path, title, steps, facts, command } = this.subject;
    const older = history.pictures.filter((picture) => picture.step !== this.latestStep);
    const strip = await Promise.all(older.map((picture) => this.inStrip(picture)));
    const { latest } = this;
    const report = { title, stopped, reason, step, steps, history, latest, strip, facts, command };
    const page = renderTrainingReport(report, await readChartLibrary());
    await replaceFile(path, Buffer.from(page));
  }

  /** Embedded once, though it is on many versions of the page. */
  private async inStrip({ step, caption, image }: ValidationPicture): Promise<PagePicture> {
    const known = this.strip.get(step);
    if (known !== undefined) return known;
    const embedded = await embedPicture(image, `step ${step}: ${caption}`, sizes.strip);
    this.strip.set(step, embedded);
    return embedded;
  }
}
