import { PictureStream, type SkippedPicture } from './picture-stream.node.js';
import type { PictureSplit } from './picture-split.node.js';
import type { TrainingData, TrainingSettings } from './training.js';

/** The pictures of a training as crops, and what became of those that could not be read. */
export class TrainingPictures implements TrainingData {
  /** All that were opened, closed ones too: for what they could not read. */
  private readonly streams: PictureStream[] = [];
  private readonly trained: PictureStream[] = [];

  constructor(
    readonly split: PictureSplit,
    private readonly settings: TrainingSettings,
  ) {}

  readonly open = async (start: number): Promise<PictureStream> => {
    const stream = await this.stream(this.split.training, { start });
    this.trained.push(stream);
    return stream;
  };

  /** One batch of the held-out pictures, the same in every training with the same settings. */
  readonly validation = async (): Promise<Float32Array> => {
    const stream = await this.stream(this.split.heldOut, { ahead: 1 });
    try {
      return (await stream.next()).values;
    } finally {
      await stream.close();
    }
  };

  /** Milliseconds that whoever opened the training pictures waited for them. */
  get waited(): number {
    return this.trained.reduce((sum, { waited }) => sum + waited, 0);
  }

  /** Pictures that could not be read so far, each once. */
  get skipped(): readonly SkippedPicture[] {
    const all = this.streams.flatMap(({ skipped }) => skipped);
    return [...new Map(all.map((picture) => [picture.path, picture])).values()];
  }

  private async stream(
    pictures: readonly string[],
    reading: { readonly start?: number; readonly ahead?: number },
  ): Promise<PictureStream> {
    const { size, batch, seed } = this.settings;
    const stream = await PictureStream.open({ pictures, size, batch, seed, ...reading });
    this.streams.push(stream);
    return stream;
  }
}
