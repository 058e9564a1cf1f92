import { rm } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { encodeState, type StylizeState } from '../methods/stylize/saved-state.js';
import type { StylizeIteration } from '../methods/stylize/stylizer.js';
import { replaceFile } from '../replace-file.node.js';
import { PictureRecorder } from './picture-recorder.node.js';

/** The file beside a picture that its work can go on from. */
export function statePath(output: string): string {
  return `${output.slice(0, output.length - extname(output).length)}.state.safetensors`;
}

/** Writes what is wanted on the way of one picture: itself and the state, every so many steps. */
export class StylizeRecorder extends PictureRecorder {
  private wroteState = false;

  override take(event: StylizeIteration): boolean {
    const saved = super.take(event);
    if (saved) {
      const state = encodeState(event.state());
      this.enqueue(() => this.saveState(state));
    }
    return saved;
  }

  /** Saves the state of work that was stopped. @returns its file, or undefined when it could not be written */
  async keep(state: StylizeState): Promise<string | undefined> {
    this.enqueue(() => this.saveState(encodeState(state)));
    await this.settle();
    return this.wroteState ? statePath(this.output) : undefined;
  }

  /** Removes the state: of work that is done, nothing is left to go on with. */
  async finish(resumedFrom: string | undefined): Promise<void> {
    const path = statePath(this.output);
    const resumed = resumedFrom !== undefined && resolve(resumedFrom) === resolve(path);
    if (this.wroteState || resumed) await rm(path, { force: true });
  }

  private async saveState(bytes: Uint8Array): Promise<void> {
    const path = statePath(this.output);
    await replaceFile(path, bytes);
    this.wroteState = true;
    this.tell({ type: 'saved', kind: 'state', path });
  }
}
