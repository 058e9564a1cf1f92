import { z } from 'zod';
import type * as Engine from '../../src/engine.js';
import type { PlannedScale } from '../../src/engine.js';
import type { RawImage } from '../../src/index.js';

// A worker thread needs compiled files, and so do methods that are to run in one: the engine comes from the build.
const built = new URL('../../dist/engine.js', import.meta.url).href;
const { channelStatistics, graph, lossWithGradient, objectiveOf, parseOptions, pictureOf, walkMethod } =
  (await import(built)) as typeof Engine;

const options = z.strictObject({
  target: z.number().min(0).max(1).describe('the mean of each channel to reach').default(0.75),
  iterations: z.int().min(1).describe('optimiser steps').default(40),
  rate: z.number().positive().max(1).describe('length of a step').default(0.02),
});
type Settings = z.output<typeof options> & Engine.OptimizationSettings;
type Pictures = { readonly picture: RawImage };

/** Squared distance of the mean colour from the target's grey. */
function loss({ width, height }: PlannedScale, { target }: Settings): Record<string, Engine.graph.Tensor> {
  const picture = pictureOf({ width, height });
  const off = graph.subtract(channelStatistics(picture).mean, graph.scalar(target));
  return { ...lossWithGradient({ content: graph.sum(graph.square(off)) }, picture) };
}

/** All that there is of a method: moves the mean colour of a picture to a grey. */
export const brighten = walkMethod<z.input<typeof options>, Settings, Pictures, PlannedScale>({
  name: 'brighten',
  description: 'make the colours of a picture lighter or darker in the mean',
  roles: [{ name: 'picture', description: 'the picture to brighten', argument: true }],
  options,
  examples: [{ pictures: { picture: 'dark.jpg' }, output: 'light.png', options: { target: 0.9 } }],
  resolve(given) {
    const checked = parseOptions(options, given);
    const adam = { name: 'adam', beta1: 0.9, epsilon: 1e-8, clip: true } as const;
    return { ...checked, optimizer: { ...adam, learningRate: checked.rate } };
  },
  scales: ({ settings: { iterations }, pictures: { picture } }) => {
    const { width, height } = picture;
    return { width, height, scales: [{ width, height, iterations, margin: 0 }] };
  },
  graphs: (scale, _, { settings }) => [
    { role: 'picture', size: scale, graphs: () => [loss(scale, settings)], runs: scale.iterations },
  ],
  begin: ({ settings, programs }, { picture }) => ({
    async prepare(scale, _, onStage) {
      onStage('compile');
      const key = `${scale.width}x${scale.height}`;
      const program = await programs.acquire(key, () => loss(scale, settings));
      return { objective: objectiveOf(program), start: picture, dispose: () => programs.release(program) };
    },
    finish: ([image]) => image!,
  }),
  terms: () => ['content'],
  describe: ({ target }, names) => ({
    title: `${names['picture']!.join(', ')} brightened`,
    before: 'picture',
    facts: [['Target', String(target)]],
  }),
});
