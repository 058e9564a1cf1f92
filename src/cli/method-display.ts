import { basename } from 'node:path';
import type { FrameProgress, IterationProgress, PictureProgress, Progress } from '../methods/progress.js';
import { Pace, RunningMean, StatusBar, type DisplayTerminal } from './status-bar.js';
import { lossText } from './text.js';

/** Shows how a method goes: a bar on a terminal; elsewhere a line at each scale's first step and every few seconds. */
export class MethodDisplay extends StatusBar {
  private picture: PictureProgress | undefined;
  private pace = new Pace('it');
  /** Milliseconds of a step, for each pixel: one at a larger scale takes longer. */
  private perPixel = new RunningMean();
  private lastScale = -1;

  /** @param quiet show nothing but warnings */
  constructor(
    terminal: DisplayTerminal,
    private readonly isStepwise: boolean,
    private readonly quiet: boolean,
  ) {
    const numbers = isStepwise ? '{value}/{total}  {size}  {pace}  {losses}' : '{percentage} %  {pace}';
    super(terminal, `{name}{bar} ${numbers}`, quiet);
  }

  /** Shows an event of the run. */
  show(event: Progress): void {
    switch (event.type) {
      case 'picture':
        this.begin(event);
        break;
      case 'stage':
        this.drawSteps(undefined, { size: this.sizeText(event), losses: 'getting ready', pace: '' });
        break;
      case 'iteration':
        this.takeStep(event);
        break;
      case 'part':
        this.draw(Math.round(100 * event.done), 100, { name: this.pictureName(), pace: '' });
        break;
      case 'frame':
        this.takeFrame(event);
        break;
      case 'failed':
        this.say(`${event.input}: ${event.error.message}`);
        break;
      case 'warning':
        this.say(`Warning: ${event.message}`);
        break;
      case 'saved':
        break;
    }
  }

  private begin(event: PictureProgress): void {
    this.stop();
    this.picture = event;
    this.pace = new Pace(this.isStepwise ? 'it' : 'frames');
    this.perPixel = new RunningMean();
    this.lastScale = -1;
  }

  private takeStep(event: IterationProgress): void {
    const { iteration, iterations, scale, milliseconds } = event;
    this.perPixel.add(milliseconds / (event.width * event.height));
    this.pace.add(milliseconds, this.pixelsLeft(event) * this.perPixel.value);
    const [size, losses, pace] = [this.sizeText(event), lossText(event.losses), this.pace.text()];
    this.drawSteps(iteration, { size, losses, pace });
    if (this.visible || this.quiet || !this.lineDue(scale !== this.lastScale)) return;
    this.lastScale = scale;
    this.say(`${this.pictureName()}${size}  ${iteration} of ${iterations}  ${losses}  ${pace}`);
  }

  private takeFrame({ frame, frames, milliseconds }: FrameProgress): void {
    const total = frames === undefined ? undefined : Math.max(frames, frame);
    // The first frame takes the time to get ready as well.
    if (frame > 1 || total === 1)
      this.pace.add(milliseconds, ((total ?? frame) - frame) * this.meanFrame(milliseconds));
    const pace = frame > 1 ? this.pace.text() : '';
    this.draw(frame, total ?? frame + 1, { name: this.pictureName(), pace: `${frame} frames  ${pace}` });
    if (this.visible || this.quiet || !this.lineDue(frame === 1)) return;
    this.say(
      `${this.pictureName()}frame ${frame}${total === undefined ? '' : ` of about ${total}`}  ${pace}`.trimEnd(),
    );
  }

  private meanFrame(milliseconds: number): number {
    this.perPixel.add(milliseconds);
    return this.perPixel.value;
  }

  private drawSteps(iteration: number | undefined, payload: Readonly<Record<string, string>>): void {
    if (this.picture === undefined) return;
    const total = this.picture.plan.scales.reduce((sum, { iterations }) => sum + iterations, 0);
    this.draw(iteration, total, { name: this.pictureName(), ...payload });
  }

  /** Pixels of all later steps together. */
  private pixelsLeft({ scale, iteration, width, height }: IterationProgress): number {
    const scales = this.picture?.plan.scales ?? [];
    const before = scales.slice(0, scale + 1).reduce((sum, { iterations }) => sum + iterations, 0);
    const later = scales.slice(scale + 1);
    return later.reduce(
      (sum, one) => sum + one.iterations * one.width * one.height,
      (before - iteration) * width * height,
    );
  }

  /** Which picture, where there are several. */
  private pictureName(): string {
    const { picture } = this;
    if (picture === undefined || picture.count === 1) return '';
    return `[${picture.index + 1}/${picture.count}] ${basename(picture.input)}  `;
  }

  /** The size that is optimised at, or what stands for it. */
  private sizeText({ scale, width, height }: Pick<IterationProgress, 'scale' | 'width' | 'height'>): string {
    return this.picture?.plan.scales[scale]?.label ?? `${width}x${height}`;
  }
}
