import type { Size } from '../images/image.js';

/** One size that is optimised at. */
export interface PlannedScale extends Size {
  readonly iterations: number;
  /** Pixels of mirror image on each side while the picture is optimised; cut off in the end. */
  readonly margin: number;
  /** What stands for the size where scales are not from coarse to fine but one picture each. */
  readonly label?: string | undefined;
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
export function canvasSize({ width, height, margin }: Size & { readonly margin: number }): Size {
  return { width: width + 2 * margin, height: height + 2 * margin };
}

/** A margin that the picture has room for: a mirror can't show more than there is. */
export function fittingMargin(margin: number, { width, height }: Size): number {
  return Math.max(0, Math.min(margin, width - 1, height - 1));
}
