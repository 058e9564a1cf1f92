/** How much of each position of a map is in each region. */
export interface GuidePlanes {
  readonly width: number;
  readonly height: number;
  readonly planes: ReadonlyMap<number, Float32Array>;
}

/**
 * Guides of regions for every block of a VGG network (Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style
 * Transfer", section 4.1). A region is carried down as the network's pooling carries pixels: the mean of two by two
 * positions for every pooling, a remainder at the right and bottom left out. So a position of a layer counts by the share of
 * its pixels that are in the region, and the regions of a picture add up to 1 everywhere.
 * @example
 * ```ts
 * import { RegionGuides } from 'pastiche/engine';
 *
 * const left = Float32Array.of(1, 1, 0, 0, 1, 1, 0, 0);
 * const guides = new RegionGuides({ width: 4, height: 2, planes: new Map([[0, left]]) });
 * console.log(guides.part(0, 1)); // 0.5 of the first block's positions
 * ```
 */
export class RegionGuides {
  private readonly blocks: GuidePlanes[];

  /** @param regions at the size of the picture */
  constructor(regions: GuidePlanes) {
    this.blocks = [regions];
  }

  /** The numbers of the regions. */
  get regions(): number[] {
    return [...this.blocks[0]!.planes.keys()];
  }

  /** Positions of the region in a block, partial ones by their share. Blocks count from 1. */
  area(region: number, block: number): number {
    return this.plane(region, block).reduce((sum, value) => sum + value, 0);
  }

  /** The share of a block's positions that are in the region, from 0 to 1. */
  part(region: number, block: number): number {
    return this.area(region, block) / this.plane(region, block).length;
  }

  /**
   * The guide T of a region in a block, of unit energy: its squares sum up to 1 (the paper's section 4.1), or are 0 where
   * the region has no position.
   */
  guide(region: number, block: number): Float32Array {
    const plane = this.plane(region, block);
    const energy = plane.reduce((sum, value) => sum + value * value, 0);
    return plane.map((value) => (energy === 0 ? 0 : value / Math.sqrt(energy)));
  }

  /** The positions of a block that are at least half in the region, in ascending order. */
  positions(region: number, block: number): Uint32Array {
    const plane = this.plane(region, block);
    const positions: number[] = [];
    plane.forEach((value, position) => {
      if (value >= 0.5) positions.push(position);
    });
    return Uint32Array.from(positions);
  }

  private plane(region: number, block: number): Float32Array {
    while (this.blocks.length < block) this.blocks.push(pooled(this.blocks.at(-1)!));
    return this.blocks[block - 1]!.planes.get(region)!;
  }
}

function pooled({ width, height, planes }: GuidePlanes): GuidePlanes {
  const [narrow, low] = [Math.floor(width / 2), Math.floor(height / 2)];
  const smaller = [...planes].map(([region, plane]) => {
    const half = new Float32Array(narrow * low);
    for (let y = 0; y < low; y += 1) {
      for (let x = 0; x < narrow; x += 1) {
        const at = 2 * y * width + 2 * x;
        half[y * narrow + x] =
          (plane[at]! + plane[at + 1]! + plane[at + width]! + plane[at + width + 1]!) / 4;
      }
    }
    return [region, half] as const;
  });
  return { width: narrow, height: low, planes: new Map(smaller) };
}
