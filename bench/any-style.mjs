/*
 * Times a network for any painting: the code of a painting of 512 pixels, and a pass with it. Arguments: the model (a file, magenta, or
 * random, ours with random weights), height, width, passes. `any_style.py` does the same in PyTorch.
 */
import { createNativeRuntime, graph } from '../dist/engine.node.js';
import { encoderValues, styleDecoderOptions, styleDecoderShapes } from '../dist/networks/style-decoder.js';
import { anyStyleModelOf } from '../dist/networks/style-decoder-model.js';
import { ParameterSet } from '../dist/training/parameter-set.js';
import { loadAnyStyleModel } from '../dist/weights/load-any-style.node.js';
import { loadNetwork } from '../dist/weights/load-network.node.js';
import { megabytes, median } from './processes.mjs';

const [name] = process.argv.slice(2);
const [height, width, passes] = process.argv.slice(3).map(Number);
const model = name === 'random' ? await randomModel() : (await loadAnyStyleModel(name)).weights;
const runtime = createNativeRuntime();
const { side, square } = model.styleSize;
const painting = graph.input('painting', [1, 3, square ? side : (side * 3) / 4, side]);
const code = await runtime.compile({ code: model.code(painting) });
const picture = graph.input('picture', [1, 3, height, width]);
const painted = await runtime.compile({
  painted: model.paint(picture, graph.input('code', [1, model.codeLength])),
});
const noise = ({ shape }) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.abs(Math.sin(i * 12.9898)));
const [paintingValues, pictureValues] = [noise(painting), noise(picture)];
const times = { code: [], paint: [] };
for (let pass = 0; pass <= passes; pass += 1) {
  const start = performance.now();
  const read = await code.run({ painting: paintingValues });
  const between = performance.now();
  await painted.run({ picture: pictureValues, code: read.code });
  times.code.push(between - start);
  times.paint.push(performance.now() - between);
}
// The first pass warms up, as it does in PyTorch.
const [codes, paints] = [times.code.slice(1), times.paint.slice(1)];
console.log(JSON.stringify({ median: median(paints), code: median(codes), megabytes: megabytes() }));
await runtime.dispose();

/** Our network before any training. */
async function randomModel() {
  const { weights } = await loadNetwork(undefined);
  const options = styleDecoderOptions(weights, 2);
  const parameters = new ParameterSet(styleDecoderShapes(options));
  parameters.initialize(0);
  for (const [key, values] of Object.entries(encoderValues(weights))) parameters.view(key).set(values);
  return anyStyleModelOf('random', { options, parameters: parameters.values(), metadata: {} });
}
