import type { VggWeights } from '../networks/vgg-weights.js';

export type VggArchitecture = VggWeights['architecture'];

/** Convolutions per block: configurations D and E of Simonyan and Zisserman 2014 (arXiv:1409.1556), table 1. */
const blocks: Readonly<Record<VggArchitecture, readonly number[]>> = {
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
};

/** Output channels of every convolution of a block in the full networks (same table). */
export const fullChannels = [64, 128, 256, 512, 512] as const;

/** One convolution of a VGG network, under the names it has in different files. */
export interface VggConvolution {
  /** `conv3_2`: block, then place in the block, both from 1. */
  readonly name: string;
  readonly block: number;
  readonly place: number;
  /** Its place in torchvision's `features`, where every convolution is followed by a ReLU and every block by a pooling. */
  readonly torchvisionIndex: number;
  /** Output channels in the full network. */
  readonly channels: number;
}

/** All convolutions of an architecture, first to last. */
export function vggConvolutions(architecture: VggArchitecture): readonly VggConvolution[] {
  const convolutions: VggConvolution[] = [];
  let torchvisionIndex = 0;
  blocks[architecture].forEach((count, index) => {
    const block = index + 1;
    for (let place = 1; place <= count; place++) {
      const channels = fullChannels[index]!;
      convolutions.push({ name: `conv${block}_${place}`, block, place, torchvisionIndex, channels });
      torchvisionIndex += 2;
    }
    torchvisionIndex += 1;
  });
  return convolutions;
}
