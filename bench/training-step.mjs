/*
 * Times training steps of a transformation network with a perceptual loss: forward, every weight's gradient, Adam.
 * Arguments: side, batch, base, steps, threads. The work is that of the yardstick's `train`.
 */
import {
  Adam,
  contentLoss,
  createParallelRuntimes,
  gramLoss,
  gramMatrix,
  graph,
  transformationNetwork,
  transformationNetworkShapes,
  vggFeatures,
} from '../dist/engine.node.js';
import { ParameterSet, TrainingStep } from '../dist/training.node.js';
import { megabytes, median } from './processes.mjs';
import { weightsOf } from './vgg.mjs';

const [side, batch, base, steps, threads] = process.argv.slice(2).map(Number);
const options = { base, blocks: 5 };
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
const weights = await weightsOf('16x');
const features = (x) =>
  vggFeatures(x, weights, [...styleLayers, 'relu4_2'], { pooling: 'max', padding: 'zero' });

const set = new ParameterSet(transformationNetworkShapes(options));
set.initialize(0);
const targets = {};
function graphOf(pictures) {
  const parameters = set.inputs();
  const photographs = graph.input('photographs', [pictures, 3, side, side]);
  const own = features(transformationNetwork(photographs, parameters, options));
  const content = contentLoss(own.relu4_2, features(photographs).relu4_2, 'mean');
  const style = styleLayers
    .map((layer) => {
      const gram = gramMatrix(own[layer], 'chw');
      const channels = gram.shape[1];
      targets[layer] = new Float32Array(channels * channels).fill(0.01);
      return gramLoss(gram, graph.input(layer, [1, channels, channels]), 'mean', 1);
    })
    .reduce((sum, term) => graph.add(sum, term));
  return { parameters, total: graph.add(content, graph.multiply(style, 10)), terms: {} };
}

const runtimes = createParallelRuntimes(batch, { threads });
const step = await TrainingStep.create({
  runtimes,
  graphOf,
  batch,
  parameters: set,
  optimizer: new Adam({ learningRate: 1e-3 }),
});
await step.bind(targets);
const values = Float32Array.from({ length: batch * 3 * side * side }, (_, i) =>
  Math.abs(Math.sin(i * 12.9898)),
);
const times = [];
for (let i = 0; i <= steps; i += 1) {
  const start = performance.now();
  await step.run({ photographs: values });
  times.push(performance.now() - start);
}
// The first step warms up, as it does in the yardstick.
console.log(
  JSON.stringify({
    best: Math.min(...times.slice(1)),
    median: median(times.slice(1)),
    megabytes: megabytes(),
  }),
);
await Promise.all(runtimes.map((runtime) => runtime.dispose()));
