import type { Cost } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import { isForeignModel, type PictureModel } from '../../networks/picture-model.js';
import type { MethodTask } from '../method.js';
import { foreignPainter } from './foreign-painter.js';
import type { ApplySettings } from './options.js';
import { ownPainter } from './own-painter.js';

/** What a painter works with. */
export type PaintingTask = Pick<
  MethodTask<unknown, unknown>,
  'runtime' | 'programs' | 'signal' | 'onProgress'
>;

/** A model with what it was told: the same for ours and for somebody else's. */
export interface Painter {
  /** What painting a picture of a size takes. */
  cost(size: Size): Cost;
  /** The whole paint, at the picture's size, opaque. */
  paint(photograph: Image, task: PaintingTask): Promise<Image>;
}

/**
 * The painter of a model.
 * @throws StyleError `E_ARGUMENT` for options that this model doesn't have
 */
export const painterOf = (model: PictureModel, settings: ApplySettings): Painter =>
  isForeignModel(model) ? foreignPainter(model, settings) : ownPainter(model, settings);
