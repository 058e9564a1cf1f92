/*
 * How near a network's features are to another's: at every layer up to relu5_1 the mean squared error as a share of the
 * teacher's mean square, and the cosine between Gram matrices, over whole pictures.
 *
 *   node bench/network-accuracy.mjs TEACHER STUDENT LIST.txt FOLDER [--size 256]
 *
 * LIST.txt names pictures in FOLDER, a line each. Prints a table.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createNativeRuntime,
  fitLongSide,
  gramMatrix,
  graph,
  loadVggWeights,
  vggFeatures,
  vggLayers,
} from '../dist/engine.node.js';
import { readImage, resizeImage } from '../dist/node.js';

const args = process.argv.slice(2);
const sized = args.indexOf('--size');
const side = sized < 0 ? 256 : Number(args.splice(sized, 2)[1]);
const [teacherPath, studentPath, list, folder] = args;
const [teacher, student] = await Promise.all([loadVggWeights(teacherPath), loadVggWeights(studentPath)]);
const names = (await readFile(list, 'utf8'))
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const all = vggLayers('vgg19').map(({ name }) => name.replace('conv', 'relu'));
const layers = all.slice(0, all.indexOf('relu5_1') + 1);

const runtime = createNativeRuntime();
const programs = new Map();
async function programFor(width, height) {
  const key = `${width}x${height}`;
  if (!programs.has(key)) {
    const picture = graph.input('picture', [1, 3, height, width]);
    const [target, own] = [teacher, student].map((weights) =>
      vggFeatures(picture, weights, layers, { pooling: 'max', padding: 'zero' }),
    );
    const outputs = {};
    for (const layer of layers) {
      const [wanted, made] = [target[layer], own[layer]];
      outputs[`${layer} error`] = graph.sum(graph.square(graph.subtract(made, wanted)));
      outputs[`${layer} energy`] = graph.sum(graph.square(wanted));
      const [first, second] = [gramMatrix(wanted, 'hw'), gramMatrix(made, 'hw')];
      outputs[`${layer} product`] = graph.sum(graph.multiply(first, second));
      outputs[`${layer} first`] = graph.sum(graph.square(first));
      outputs[`${layer} second`] = graph.sum(graph.square(second));
    }
    programs.set(key, await runtime.compile(outputs));
  }
  return programs.get(key);
}

const sums = Object.fromEntries(layers.map((layer) => [layer, { error: 0, energy: 0, cosine: 0, least: 1 }]));
for (const name of names) {
  const image = await readImage(join(folder, name));
  // Few sizes, so that few graphs are compiled.
  const whole = fitLongSide(image.width, image.height, side);
  const [width, height] = [whole.width, whole.height].map((length) =>
    Math.max(32, Math.round(length / 32) * 32),
  );
  const { rgb } = resizeImage(image, width, height);
  const result = await (await programFor(width, height)).run({ picture: rgb });
  for (const layer of layers) {
    const value = (what) => result[`${layer} ${what}`][0];
    const cosine = value('product') / Math.sqrt(value('first') * value('second'));
    const sum = sums[layer];
    // Larger pictures don't count for more.
    sum.error += value('error') / (width * height);
    sum.energy += value('energy') / (width * height);
    sum.cosine += cosine / names.length;
    sum.least = Math.min(sum.least, cosine);
  }
}
await runtime.dispose();

console.log('| layer | relative error | Gram cosine, mean | least |\n| --- | --- | --- | --- |');
for (const [layer, { error, energy, cosine, least }] of Object.entries(sums)) {
  console.log(
    `| ${layer} | ${(error / energy).toExponential(1)} | ${cosine.toFixed(6)} | ${least.toFixed(6)} |`,
  );
}
