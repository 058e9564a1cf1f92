import { extname } from 'node:path';
import { StyleError } from '../errors.js';
import type { EncodeOptions } from '../images/codec.js';
import { writeImage } from '../images/codec.node.js';
import type { IterationProgress } from '../progress.js';
import type { FileProgress } from './stylize-order.js';

/** The file beside a picture for how it looked after some steps: `out-000050.png`. */
export function intermediatePath(output: string, iteration: number): string {
  const suffix = extname(output);
  const stem = output.slice(0, output.length - suffix.length);
  return `${stem}-${String(iteration).padStart(6, '0')}${suffix}`;
}

/** @throws StyleError `E_ARGUMENT` when it is not a whole number above 0 */
export function checkSaveEvery(saveEvery: number | undefined): void {
  if (saveEvery === undefined || (Number.isInteger(saveEvery) && saveEvery > 0)) return;
  throw new StyleError(
    'E_ARGUMENT',
    `Pictures can't be saved every ${saveEvery} iterations.`,
    'Give a whole number above 0.',
  );
}

/**
 * Writes a picture every so many steps. Writing goes on beside the work; a failed write is told and does not end the work.
 */
export class PictureRecorder {
  readonly intermediates: string[] = [];
  private writes: Promise<void> = Promise.resolve();

  constructor(
    protected readonly output: string,
    private readonly encoding: EncodeOptions,
    private readonly saveEvery: number | undefined,
    protected readonly tell: (event: FileProgress) => void,
  ) {}

  /** To be called with every step. @returns whether this one is saved */
  take(event: IterationProgress): boolean {
    if (this.saveEvery === undefined || event.iteration % this.saveEvery !== 0) return false;
    const image = event.image();
    const path = intermediatePath(this.output, event.iteration);
    this.enqueue(async () => {
      await writeImage(path, image, this.encoding);
      this.intermediates.push(path);
      this.tell({ type: 'saved', kind: 'intermediate', path });
    });
    return true;
  }

  /** Waits for everything to be written. */
  async settle(): Promise<void> {
    await this.writes;
  }

  protected enqueue(write: () => Promise<void>): void {
    this.writes = this.writes.then(write).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.tell({ type: 'warning', message: `Something could not be saved on the way. ${reason}` });
    });
  }
}
