/*
 * Magenta's own files against what another runtime made with them, and their time. Arguments: the folder with
 * style_predict_int8.tflite and style_transfer_f16.tflite (PASTICHE_MODELS), and the file of golden values (magenta.safetensors, see
 * its metadata). Neither is part of the repo.
 */
import { readFileSync } from 'node:fs';
import { parseSafetensors } from '../dist/formats/safetensors.js';
import { createNativeRuntime, graph } from '../dist/engine.node.js';
import { loadMagenta } from '../dist/weights/load-magenta.node.js';
import { megabytes, median } from './processes.mjs';

const [folder, goldenFile] = process.argv.slice(2);
const golden = parseSafetensors(readFileSync(goldenFile), goldenFile);

/** A picture NHWC as NCHW. */
function planes(name, scale = 1) {
  const { shape } = golden.tensor(name);
  const values = golden.tensor(name).float32();
  const [, height, width, channels] = shape;
  const pixels = height * width;
  return Float32Array.from(
    { length: values.length },
    (_, i) => scale * values[(i % pixels) * channels + Math.floor(i / pixels)],
  );
}

const start = performance.now();
const model = await loadMagenta({ PASTICHE_MODELS: folder });
const loading = performance.now() - start;
const runtime = createNativeRuntime();
const compile = (outputs) => runtime.compile(outputs);
const input = (name, height, width) => graph.input(name, [1, 3, height, width]);
const codeInput = graph.input('code', [1, model.codeLength]);

async function timed(program, inputs, passes = 7) {
  const times = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const from = performance.now();
    await program.run(inputs);
    times.push(performance.now() - from);
  }
  return Math.round(median(times.slice(1)));
}

const { side } = model.styleSize;
const coding = await compile({ code: model.code(input('painting', side, side)) });
const painting = planes('style_u8', 1 / 255);
const { code } = await coding.run({ painting });
const expected = golden.tensor('bottleneck').float32();
const product = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const cosine = product(code, expected) / Math.sqrt(product(code, code) * product(expected, expected));

const painter = await compile({ painted: model.paint(input('picture', 384, 384), codeInput) });
const picture = planes('content_u8', 1 / 255);
const theirs = planes('output_f16');
async function difference(from) {
  const { painted } = await painter.run({ picture, code: from });
  let [sum, largest] = [0, 0];
  painted.forEach((value, i) => {
    const one = 255 * Math.abs(value - theirs[i]);
    sum += one;
    largest = Math.max(largest, one);
  });
  return { mean: sum / theirs.length, largest };
}
const result = {
  loading: Math.round(loading),
  cosine,
  ofTheirCode: await difference(expected),
  ofOurCode: await difference(code),
  milliseconds: { code: await timed(coding, { painting }) },
};
for (const [height, width] of [
  [512, 512],
  [1080, 1920],
]) {
  const program = await compile({ painted: model.paint(input('picture', height, width), codeInput) });
  const values = Float32Array.from({ length: 3 * height * width }, (_, i) => Math.abs(Math.sin(i * 12.9898)));
  result.milliseconds[`${width}x${height}`] = await timed(program, { picture: values, code: expected }, 5);
  await program.dispose();
}
console.log(JSON.stringify({ ...result, megabytes: megabytes() }, null, 2));
await runtime.dispose();
