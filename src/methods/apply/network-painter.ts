import { input } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import type { PictureNetwork } from '../../networks/picture-network.js';
import { modelInput, modelOutput } from '../../networks/style-model.js';
import type { InputValues } from '../../runtime/runtime.js';
import { pictureBytes } from '../optimization/memory.js';
import { activationsFactor } from '../whole-picture.js';
import { divideIntoTiles, type Tile } from '../tiles.js';
import type { TilesPart } from '../division.js';
import type { Painter, PaintingTask } from './painter.js';
import { measureTiles, paintTiles, repaintInTiles, tileCost, type TiledNetwork } from './tiled-network.js';
import { windowCopies, wholePainter } from './whole-painter.js';

/** Larger pictures are computed in tiles of this side unless another is given: as a whole they would take more than a gigabyte. */
const mostPixels = 4e6;
const usualTile = 1024;

/** Bytes of tiles' floats that nothing refers to any more, until they are collected; measured. */
const uncollected = 130e6;

/**
 * Paints with a network of ours that is told its conditions, as a whole or in tiles.
 * @param tile side of the tiles; chosen by the picture's size unless given
 */
export function networkPainter(network: PictureNetwork, conditions: InputValues, tile?: number): Painter {
  const whole = wholePainter(
    network.key,
    ({ width, height }) => ({ [modelOutput]: network.paint(input(modelInput, [1, 3, height, width])) }),
    conditions,
  );
  const tiled = ({ programs, signal }: PaintingTask, side: number): TiledNetwork => ({
    ...{ network, conditions, programs, signal, tile: side },
  });
  return {
    cost(size) {
      const side = tileSide(tile, size);
      if (side === undefined) return whole.cost(size);
      const { window, ...cost } = tileCost(network, size, side);
      const peakBytes = activationsFactor * cost.peakBytes;
      const floatBytes = windowCopies * pictureBytes(window) + uncollected;
      return { ...cost, peakBytes, partPixels: side * side, floatBytes };
    },
    async paint(photograph, task, receive) {
      const side = tileSide(tile, photograph);
      if (side === undefined) return whole.paint(photograph, task, receive);
      return repaintInTiles(tiled(task, side), photograph, receive);
    },
    divided(size) {
      const side = tileSide(tile, size);
      if (side === undefined) return undefined;
      const tiles = divideIntoTiles(size, side, network.radius);
      const tilesIn = ({ from, to }: TilesPart): readonly Tile[] => tiles.slice(from, to);
      return {
        ...{ width: size.width, height: size.height },
        tiles: tiles.length,
        rounds: network.stages.length,
        measure: (photograph, task, part) =>
          measureTiles(tiled(task, side), photograph, tilesIn(part), part.sums),
        paint: (photograph, task, part, receive) =>
          paintTiles(tiled(task, side), photograph, tilesIn(part), part.sums, receive),
      };
    },
  };
}

/** The side of the tiles that a picture is computed in; undefined as a whole. */
function tileSide(tile: number | undefined, { width, height }: Size): number | undefined {
  const side = tile ?? (width * height > mostPixels ? usualTile : undefined);
  return side !== undefined && side < Math.max(width, height) ? side : undefined;
}
