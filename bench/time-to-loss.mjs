/*
 * Time until the yardstick's loss is as low as a given value. The clock runs from the start of this process: loading, paintings,
 * compiling and the coarse scales count. Arguments: content and style (the size to work at), the loss to reach, the network.
 */
import { createNativeRuntime } from '../dist/engine.node.js';
import { readImage, stylize } from '../dist/node.js';
import { megabytes } from './processes.mjs';
import { weightsOf, yardstickLoss } from './vgg.mjs';

const [contentPath, stylePath, goal] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const network = process.argv[5];
const content = await readImage(contentPath);
const side = Math.max(content.width, content.height);
const reached = new AbortController();
let seconds = Infinity;
const result = await stylize(
  {
    content,
    styles: stylePath,
    network: await weightsOf(network),
    ...yardstickLoss,
    scales: [side / 4, side / 2, side],
    iterations: [60, 50, 150],
  },
  {
    runtime: createNativeRuntime(),
    signal: reached.signal,
    onProgress: (event) => {
      if (event.type !== 'iteration' || event.width !== content.width || event.losses.total > goal) return;
      if (seconds === Infinity) seconds = performance.now() / 1000;
      reached.abort();
    },
  },
);
console.log(
  JSON.stringify({
    seconds,
    loss: result.losses.total,
    evaluations: result.evaluations,
    megabytes: megabytes(),
  }),
);
