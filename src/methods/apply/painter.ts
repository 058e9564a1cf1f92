import type { Cost } from '../../graph/index.js';
import type { Image, Size } from '../../images/image.js';
import type { Raster } from '../../images/raster.js';
import { isForeignModel, isStyledModel, type PictureModel } from '../../networks/picture-model.js';
import type { PictureDivision, TilesPart } from '../division.js';
import type { MethodTask } from '../method.js';
import { foreignPainter } from './foreign-painter.js';
import type { ApplySettings } from './options.js';
import { ownPainter } from './own-painter.js';
import { styledPainter } from './styled-painter.js';

/** What a painter works with. */
export type PaintingTask = Pick<
  MethodTask<unknown, unknown>,
  'runtime' | 'programs' | 'signal' | 'onProgress'
>;

/** Takes a part of the paint, opaque, whose first pixel belongs at a column and row. Parts cover the picture once. */
export type PaintReceiver = (paint: Image, left: number, top: number) => void;

/** What painting takes: the largest graph, the operations of all of them, and what is in memory beside them. */
export interface PaintingCost extends Cost {
  /** Pixels of the largest part of the paint. */
  readonly partPixels: number;
  /** Bytes of floats that go in and come out, the photograph and the result not counted. */
  readonly floatBytes: number;
}

/** A model with what it was told: the same for ours and for somebody else's. */
export interface Painter {
  /** What painting a picture of a size takes. */
  cost(size: Size): PaintingCost;
  /** All of the paint, at the picture's size, part by part. */
  paint(photograph: Raster, task: PaintingTask, receive: PaintReceiver): Promise<void>;
  /** How a picture of a size is painted by several; undefined where it is painted as a whole. */
  divided?(size: Size): DividedPainting | undefined;
}

/** The painting of a picture whose parts may be painted apart from each other. */
export interface DividedPainting extends PictureDivision {
  /** What the next round finds in a part. */
  measure(photograph: Raster, task: PaintingTask, part: TilesPart): Promise<Float64Array>;
  /** The paint of a part. */
  paint(photograph: Raster, task: PaintingTask, part: TilesPart, receive: PaintReceiver): Promise<void>;
}

/**
 * The painter of a model.
 * @throws StyleError `E_ARGUMENT` for options that this model doesn't have
 */
export const painterOf = (model: PictureModel, settings: ApplySettings): Painter =>
  isForeignModel(model)
    ? foreignPainter(model, settings)
    : isStyledModel(model)
      ? styledPainter(model, settings)
      : ownPainter(model, settings);
