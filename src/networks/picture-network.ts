import type { Tensor } from '../graph/index.js';

/**
 * A network that repaints a picture and takes statistics of maps over the whole of it: what applying it part by part has to know.
 * The weights are constants of the expressions, and what it is told of the style are their inputs.
 */
export interface PictureNetwork {
  /** Names its graphs among those of a cache. */
  readonly key: string;
  /** The maps that it takes statistics of, in forward order. */
  readonly stages: readonly string[];
  /** How far a pixel of the result sees, in pixels to each side, statistics aside. */
  readonly radius: number;
  /**
   * RGB in [0, 1], `[1, 3, H, W]`, to RGB around [0, 1] of the same shape.
   * @param statistics what is taken for those of a map; those of the map itself unless given
   */
  readonly paint: (picture: Tensor, statistics?: Statistics) => Tensor;
  /**
   * Sums over those positions of a map where a mask `[1, 1, H, W]` is 1, the last of them the number of the positions: divided by
   * that they are its statistics.
   */
  readonly sums: (map: Tensor, mask: Tensor) => Tensor;
}

/** The statistics of a stage's map. */
export type Statistics = (map: Tensor, stage: string) => Tensor;
