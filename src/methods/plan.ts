import type { Size } from '../images/image.js';

/** One size that is optimised at. */
export interface PlannedScale extends CanvasSize {
  readonly iterations: number;
  /** Pixels of mirror image on each side while the picture is optimised; cut off in the end. */
  readonly margin: number;
  /** Steps that the optimiser remembers, where there is no room for as many as the settings say. */
  readonly history?: number | undefined;
  /** Bytes of memory that windows are to keep it within where they can, though there is more. */
  readonly memoryGoal?: number | undefined;
  /** What stands for the size where scales are not from coarse to fine but one picture each. */
  readonly label?: string | undefined;
}

/** A size that is optimised at, and whether a loss of it is computed at once. */
export interface CanvasSize extends Size {
  /** The side of the windows that it is computed in, in pixels; at once without it. */
  readonly window?: number | undefined;
  /** Whether what is held of the whole picture, beside it, takes half the memory or less, because there is no room for more. */
  readonly compact?: boolean | undefined;
}

/** Sizes of a run from coarse to fine, and the size of the result. */
export interface ScalePlan<Scale extends PlannedScale = PlannedScale> extends Size {
  readonly scales: readonly Scale[];
}

/** What a run takes, before any of it is done. */
export interface MethodPlan extends ScalePlan {
  /** Bytes of memory at the peak, the process itself included. */
  readonly memoryBytes: number;
  /** Floating-point operations of all steps together; 0 where nothing is optimised. */
  readonly operations: number;
}

/** The size that is optimised at: the picture with its margin. */
export function canvasSize({
  width,
  height,
  margin,
  window,
  compact,
}: CanvasSize & { readonly margin: number }): CanvasSize {
  return { width: width + 2 * margin, height: height + 2 * margin, window, compact };
}

/** A margin that the picture has room for: a mirror can't show more than there is. */
export function fittingMargin(margin: number, { width, height }: Size): number {
  return Math.max(0, Math.min(margin, width - 1, height - 1));
}
