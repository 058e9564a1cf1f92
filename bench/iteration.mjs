/*
 * Times single iterations: loss, gradient and Adam step. Arguments: network (vgg19 or 16x), side or WIDTHxHEIGHT, iterations, and megabytes
 * that it may take, where it is to be computed in windows (Infinity: at once), and threads.
 */
import { createNativeRuntime } from '../dist/engine.node.js';
import { createImage, stylize } from '../dist/node.js';
import { megabytes, median } from './processes.mjs';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const [network, sides] = process.argv.slice(2);
const [iterations, limit, threads] = process.argv.slice(4).map(Number);
const [width, height = width] = sides.split('x').map(Number);
const memoryLimit = limit === undefined ? Infinity : limit * 1e6;
const picture = (seed) =>
  createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => Math.abs(Math.sin(i * seed)) % 1),
  );

const runtime = createNativeRuntime({ threads });
const times = [];
await stylize(
  {
    content: picture(12.9898),
    styles: picture(78.233),
    network: await weightsOf(network),
    ...yardstickLoss,
    optimizer: 'adam',
    learningRate: 0.02,
    scales: [Math.max(width, height)],
    iterations: iterations + 1,
  },
  {
    runtime,
    memoryLimit,
    onProgress: (event) => event.type === 'iteration' && times.push(event.milliseconds),
  },
);
// The first iteration warms up, as it does in the yardstick.
const timed = times.slice(1);
console.log(JSON.stringify({ best: Math.min(...timed), median: median(timed), megabytes: megabytes() }));
