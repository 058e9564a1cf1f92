/*
 * Times steps of texture synthesis: a tile whose Gram matrices at five layers become a sample's, by L-BFGS. Arguments: side,
 * steps. Step for step, as the yardstick's: a step is an evaluation of loss and gradient and the optimiser's own work; our
 * line search takes a second evaluation now and then.
 */
import { createNativeRuntime } from '../dist/engine.node.js';
import { createImage, texture } from '../dist/node.js';
import { megabytes, median } from './processes.mjs';
import { weightsOf } from './vgg.mjs';

const [side, steps] = process.argv.slice(2).map(Number);
const sample = createImage(
  side,
  side,
  Float32Array.from({ length: 3 * side * side }, (_, i) => Math.abs(Math.sin((i + 1) * 12.9898))),
);
const times = [];
const { evaluations, iterations } = await texture(
  {
    sample,
    network: await weightsOf('16x'),
    size: `${side}x${side}`,
    tileable: true,
    scales: [side],
    iterations: steps + 1,
    projection: false,
    tvWeight: 0,
  },
  {
    runtime: createNativeRuntime(),
    onProgress: (event) => event.type === 'iteration' && times.push(event.milliseconds),
  },
);
// The first step warms up, as it does in the yardstick.
const timed = times.slice(1);
console.log(
  JSON.stringify({
    best: Math.min(...timed),
    median: median(timed),
    evaluations: evaluations / iterations,
    megabytes: megabytes(),
  }),
);
