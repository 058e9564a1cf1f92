import { StyleError } from '../../errors.js';
import { layerChannels } from '../../networks/vgg.js';
import { vggLayers, type VggLayer } from '../../networks/vgg-layers.js';
import type { VggWeights } from '../../networks/vgg-weights.js';

/** One convolution of a student with the teacher's layer of the same name. */
export interface StudentLayer {
  /** `conv4_2`. */
  readonly name: string;
  readonly block: number;
  /** Whether it is the first of its block, after a pooling. */
  readonly pooled: boolean;
  /** Channels of the student's map before it (3 for the first) and after it. */
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Channels of the teacher's map. */
  readonly teacherChannels: number;
}

/** The last layer of a perceptual network: no published loss uses a later one. */
const lastLayer = 'conv5_1';

/** The five style layers, for which a compact network has projections. */
export const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'] as const;

/**
 * A student: the teacher's topology and layer names up to conv5_1, with fewer channels or as many.
 * @param widths channels of the five blocks; the teacher's where left out
 * @throws StyleError `E_LAYER` when the teacher has not all layers up to conv5_1; `E_ARGUMENT` for widths that are not
 * multiples of eight, or more than the teacher has
 */
export function designStudent(teacher: VggWeights, widths?: readonly number[]): StudentLayer[] {
  const layers = vggLayers(teacher.architecture);
  const used = layers.slice(0, layers.findIndex(({ name }) => name === lastLayer) + 1);
  for (const { name } of used) layerChannels(teacher, name);
  if (widths !== undefined) checkWidths(widths, used, teacher);
  const channelsOf = ({ name, block }: VggLayer): number =>
    widths?.[block - 1] ?? layerChannels(teacher, name);
  return used.map((layer, index) => {
    const before = used[index - 1];
    return {
      name: layer.name,
      block: layer.block,
      pooled: before !== undefined && before.block !== layer.block,
      inputChannels: before === undefined ? 3 : channelsOf(before),
      outputChannels: channelsOf(layer),
      teacherChannels: layerChannels(teacher, layer.name),
    };
  });
}

function checkWidths(widths: readonly number[], layers: readonly VggLayer[], teacher: VggWeights): void {
  const most = (block: number): number =>
    Math.min(
      ...layers.filter((layer) => layer.block === block).map(({ name }) => layerChannels(teacher, name)),
    );
  const allowed = [1, 2, 3, 4, 5].map(most);
  const fits = (width: number, index: number): boolean =>
    Number.isInteger(width) && width >= 8 && width % 8 === 0 && width <= allowed[index]!;
  if (widths.length === 5 && widths.every(fits)) return;
  throw new StyleError(
    'E_ARGUMENT',
    `A student of this teacher can't have the widths ${widths.join(', ')}.`,
    `Give one multiple of eight for each of the five blocks, at most the teacher's ${allowed.join(', ')}.`,
  );
}

/** By layer, every channel of the teacher. */
export function allChannels(layers: readonly StudentLayer[]): Record<string, number[]> {
  return Object.fromEntries(
    layers.map(({ name, teacherChannels }) => [name, Array.from({ length: teacherChannels }, (_, i) => i)]),
  );
}
