/* Times single iterations: loss, gradient and Adam step. Arguments: network (vgg19 or 16x), side, iterations. */
import { createNativeRuntime } from '../dist/engine.node.js';
import { createImage, stylize } from '../dist/node.js';
import { megabytes, median } from './processes.mjs';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const [network, side, iterations] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const picture = (seed) =>
  createImage(
    side,
    side,
    Float32Array.from({ length: 3 * side * side }, (_, i) => Math.abs(Math.sin(i * seed)) % 1),
  );

const runtime = createNativeRuntime();
const times = [];
await stylize(
  {
    content: picture(12.9898),
    styles: picture(78.233),
    network: await weightsOf(network),
    ...yardstickLoss,
    optimizer: 'adam',
    learningRate: 0.02,
    scales: [side],
    iterations: iterations + 1,
  },
  { runtime, onProgress: (event) => event.type === 'iteration' && times.push(event.milliseconds) },
);
// The first iteration warms up, as it does in the yardstick.
const timed = times.slice(1);
console.log(JSON.stringify({ best: Math.min(...timed), median: median(timed), megabytes: megabytes() }));
