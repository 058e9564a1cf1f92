import { rm } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { EncodeOptions } from '../images/codec.js';
import { writeImage } from '../images/codec.node.js';
import type { IterationProgress, ProgressListener } from '../methods/progress.js';
import { replaceFile } from '../replace-file.node.js';
import { WriteQueue } from './write-queue.js';

/** A path without its suffix. */
export const stem = (path: string): string => path.slice(0, path.length - extname(path).length);

/** The file beside a picture for how it looked after some steps: `out-000050.png`. */
export function intermediatePath(output: string, iteration: number): string {
  return `${stem(output)}-${String(iteration).padStart(6, '0')}${extname(output)}`;
}

/** The file beside a picture that its run can go on from. */
export function statePath(output: string): string {
  return `${stem(output)}.state.safetensors`;
}

/**
 * Writes a picture and its state every so many steps. Writing goes on beside the computation; a failed write is reported
 * and does not end the run.
 */
export class FileRecorder {
  readonly intermediates: string[] = [];
  private readonly writes: WriteQueue;
  private wroteState = false;

  constructor(
    private readonly output: string,
    private readonly encoding: EncodeOptions,
    private readonly saveEvery: number | undefined,
    private readonly notify: ProgressListener,
  ) {
    this.writes = new WriteQueue((reason) =>
      notify({ type: 'warning', message: `Something could not be saved on the way. ${reason}` }),
    );
  }

  /** To be called with every step. */
  take(event: IterationProgress): void {
    if (this.saveEvery === undefined || event.iteration % this.saveEvery !== 0) return;
    const image = event.image();
    const state = event.state();
    const path = intermediatePath(this.output, event.iteration);
    this.writes.add(async () => {
      await writeImage(path, image, this.encoding);
      this.intermediates.push(path);
      this.notify({ type: 'saved', kind: 'intermediate', path });
    });
    this.writes.add(() => this.saveState(state));
  }

  /** Waits for everything to be written. */
  settle(): Promise<void> {
    return this.writes.settled();
  }

  /** Saves the state of a run that was stopped. @returns its file, or undefined when it could not be written */
  async keep(state: Uint8Array): Promise<string | undefined> {
    this.wroteState = false;
    this.writes.add(() => this.saveState(state));
    await this.settle();
    return this.wroteState ? statePath(this.output) : undefined;
  }

  /** Removes the state: of a run that is done, nothing is left to go on with. */
  async finish(resumedFrom: string | undefined): Promise<void> {
    const path = statePath(this.output);
    const resumed = resumedFrom !== undefined && resolve(resumedFrom) === resolve(path);
    if (this.wroteState || resumed) await rm(path, { force: true });
  }

  private async saveState(bytes: Uint8Array): Promise<void> {
    const path = statePath(this.output);
    await replaceFile(path, bytes);
    this.wroteState = true;
    this.notify({ type: 'saved', kind: 'state', path });
  }
}
