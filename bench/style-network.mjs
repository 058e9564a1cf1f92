/*
 * Times a transformation network with constant weights, one picture a pass. Arguments: form (johnson or light), base, height, width,
 * passes, threads. The work of Johnson's is that of the yardstick's `johnson`.
 */
import {
  createNativeRuntime,
  graph,
  transformationNetwork,
  transformationNetworkShapes,
} from '../dist/engine.node.js';
import { ParameterSet } from '../dist/training.node.js';
import { megabytes, median } from './processes.mjs';

const [form] = process.argv.slice(2);
const [base, height, width, passes, threads] = process.argv.slice(3).map(Number);
const options = { form, base, blocks: 5 };
const set = new ParameterSet(transformationNetworkShapes(options));
set.initialize(0);
const parameters = Object.fromEntries(
  Object.entries(set.shapes).map(([name, shape]) => [name, graph.constant(set.view(name), shape)]),
);
const runtime = createNativeRuntime({ threads });
const painted = transformationNetwork(graph.input('picture', [1, 3, height, width]), parameters, options);
const program = await runtime.compile({ painted });
const picture = Float32Array.from({ length: 3 * height * width }, (_, i) => Math.abs(Math.sin(i * 12.9898)));
const times = [];
for (let pass = 0; pass <= passes; pass += 1) {
  const start = performance.now();
  await program.run({ picture });
  times.push(performance.now() - start);
}
// The first pass warms up, as it does in the yardstick.
const timed = times.slice(1);
console.log(JSON.stringify({ best: Math.min(...timed), median: median(timed), megabytes: megabytes() }));
await runtime.dispose();
