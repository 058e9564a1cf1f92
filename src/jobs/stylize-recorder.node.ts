import { rm } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { EncodeOptions } from '../images/codec.js';
import { writeImage } from '../images/codec.node.js';
import type { Image } from '../images/image.js';
import { encodeState, type StylizeState } from '../methods/stylize/saved-state.js';
import type { StylizeIteration } from '../methods/stylize/stylizer.js';
import { replaceFile } from '../replace-file.node.js';
import type { FileProgress } from './stylize-order.js';

/** The part of a path before its suffix. */
const stem = (path: string): string => path.slice(0, path.length - extname(path).length);

/** The file beside a picture that its work can go on from. */
export function statePath(output: string): string {
  return `${stem(output)}.state.safetensors`;
}

/** The file beside a picture for how it looked after some steps: `out-000050.png`. */
export function intermediatePath(output: string, iteration: number): string {
  return `${stem(output)}-${String(iteration).padStart(6, '0')}${extname(output)}`;
}

/**
 * Writes what is wanted on the way of one picture: itself and the state, every so many steps. Writing goes on beside the
 * work; a failed write is told and does not end the work.
 */
export class StylizeRecorder {
  readonly intermediates: string[] = [];
  private writes: Promise<void> = Promise.resolve();
  private wroteState = false;

  constructor(
    private readonly output: string,
    private readonly encoding: EncodeOptions,
    private readonly saveEvery: number | undefined,
    private readonly tell: (event: FileProgress) => void,
  ) {}

  /** To be called with every step. */
  take(event: StylizeIteration): void {
    if (this.saveEvery === undefined || event.iteration % this.saveEvery !== 0) return;
    const image = event.image();
    const state = encodeState(event.state());
    const path = intermediatePath(this.output, event.iteration);
    this.enqueue(async () => {
      await this.saveIntermediate(path, image);
      await this.saveState(state);
    });
  }

  /** Waits for everything to be written. */
  async settle(): Promise<void> {
    await this.writes;
  }

  /** Saves the state of work that was stopped. @returns its file, or undefined when it could not be written */
  async keep(state: StylizeState): Promise<string | undefined> {
    this.enqueue(() => this.saveState(encodeState(state)));
    await this.writes;
    return this.wroteState ? statePath(this.output) : undefined;
  }

  /** Removes the state: of work that is done, nothing is left to go on with. */
  async finish(resumedFrom: string | undefined): Promise<void> {
    const path = statePath(this.output);
    const resumed = resumedFrom !== undefined && resolve(resumedFrom) === resolve(path);
    if (this.wroteState || resumed) await rm(path, { force: true });
  }

  private enqueue(write: () => Promise<void>): void {
    this.writes = this.writes.then(write).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.tell({ type: 'warning', message: `Something could not be saved on the way. ${reason}` });
    });
  }

  private async saveIntermediate(path: string, image: Image): Promise<void> {
    await writeImage(path, image, this.encoding);
    this.intermediates.push(path);
    this.tell({ type: 'saved', kind: 'intermediate', path });
  }

  private async saveState(bytes: Uint8Array): Promise<void> {
    const path = statePath(this.output);
    await replaceFile(path, bytes);
    this.wroteState = true;
    this.tell({ type: 'saved', kind: 'state', path });
  }
}
