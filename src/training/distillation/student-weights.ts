import { reluName } from '../../networks/vgg-layers.js';
import type { ConvolutionWeights, VggWeights } from '../../networks/vgg-weights.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { ParameterSet } from '../parameter-set.js';
import type { PictureSource } from '../training.js';
import { composed, fitLinear, jointMoments } from './linear-fit.js';
import { basisInputs, patchSize, studentFeatures, teacherFeatures } from './distillation-graph.js';
import { averageOver } from './feature-moments.js';
import { weightsFromBasis, type StudentBasis } from './student-basis.js';
import { allChannels, styleLayers, type StudentLayer } from './student-design.js';
import type { PerceptualSettings } from './perceptual-settings.js';

/** A student that has been trained. */
export interface TrainedStudent {
  readonly layers: readonly StudentLayer[];
  readonly values: ParameterSet;
  readonly basis: StudentBasis;
}

/** Name of a layer's output: the layers' names are those of the inputs. */
const momentsOf = (layer: string): string => `moments of ${layer}`;

/** The student's convolutions, converted from the basis that they were trained in. */
export function studentConvolutions({
  layers,
  values,
  basis,
}: TrainedStudent): Record<string, ConvolutionWeights> {
  return Object.fromEntries(
    layers.map((layer) => {
      const { name, outputChannels, inputChannels } = layer;
      const size = patchSize(layer);
      const whole = weightsFromBasis(values.view(name), basis.bases[name]!, size);
      const weight = new Float32Array(outputChannels * (size - 1));
      const bias = new Float32Array(outputChannels);
      for (let row = 0; row < outputChannels; row += 1) {
        weight.set(whole.subarray(row * size, (row + 1) * size - 1), row * (size - 1));
        bias[row] = whole[(row + 1) * size - 1]!;
      }
      return [name, { outputChannels, inputChannels, kernel: 3, weight, bias }];
    }),
  );
}

/**
 * The maps from a student's features to those of the full network, at the style layers: the teacher's projections after
 * the linear map, fitted on pictures, from the student's channels to all of the teacher's. A student that keeps all
 * channels needs no such map, and a full network has no projections.
 * @returns by layer (`relu3_1`)
 */
export async function studentProjections(
  runtimes: readonly Runtime[],
  { layers, values, basis }: TrainedStudent,
  teacher: VggWeights,
  source: PictureSource,
  { batch, size, padding, statisticsBatches }: PerceptualSettings,
): Promise<Record<string, ConvolutionWeights>> {
  const narrowed = layers.filter(
    ({ name, outputChannels, teacherChannels }) =>
      (styleLayers as readonly string[]).includes(reluName(name)) && outputChannels < teacherChannels,
  );
  const all = allChannels(layers);
  const constants = { ...values.values(), ...basisInputs(basis.bases) };
  const moments =
    narrowed.length === 0
      ? {}
      : await averageOver({
          runtimes,
          source,
          batches: statisticsBatches,
          shape: [batch, 3, size, size],
          outputs: (pictures) => {
            const student = studentFeatures(pictures, values.inputs(), { teacher, layers, padding });
            const features = teacherFeatures(pictures, { teacher, layers, padding, kept: all });
            return Object.fromEntries(
              narrowed.map(({ name }) => [momentsOf(name), jointMoments(student[name]!, features[name]!)]),
            );
          },
          constants,
        });
  return Object.fromEntries(
    styleLayers.flatMap((relu): [string, ConvolutionWeights][] => {
      const layer = layers.find(({ name }) => name === relu.replace('relu', 'conv'))!;
      const joint = moments[momentsOf(layer.name)];
      const toTeacher =
        joint === undefined ? undefined : fitLinear(joint, layer.outputChannels, layer.teacherChannels);
      const toFull = teacher.projections[relu];
      if (toTeacher === undefined) return toFull === undefined ? [] : [[relu, toFull]];
      return [[relu, toFull === undefined ? toTeacher : composed(toFull, toTeacher)]];
    }),
  );
}
