/*
 * Textures by Gram matrices alone, and with the histogram loss: each is made twice from the same noise, and both are measured
 * in the same way, with the shipped network.
 *
 *   node bench/texture-histograms.mjs FOLDER PICTURE...
 *
 * FOLDER gets the samples and textures, side by side. The style distance is the mean of the relative Gram distances at the five
 * layers; the histogram distances are those at relu1_1 and relu4_1.
 */
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import {
  createNativeRuntime,
  fitLongSide,
  gramLoss,
  gramMatrix,
  graph,
  histogramLayers,
  histogramLoss,
  RankTarget,
  vggFeatures,
} from '../dist/engine.node.js';
import { readImage, resizeImage, texture as synthesize, writeImage } from '../dist/node.js';
import { weightsOf } from './vgg.mjs';

const side = 256;
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
const [folder, ...pictures] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const runtime = createNativeRuntime();
const weights = await weightsOf('shipped');

async function evaluate(outputs, inputs) {
  const program = await runtime.compile(outputs);
  const found = await program.run(inputs);
  await program.dispose();
  return found;
}

/** Features of a picture with their Gram matrices, by layer. */
async function measure({ width, height, rgb }) {
  const picture = graph.input('picture', [1, 3, height, width]);
  const features = vggFeatures(picture, weights, styleLayers, { pooling: 'max', padding: 'zero' });
  const grams = Object.fromEntries(
    styleLayers.map((layer) => [`gram ${layer}`, gramMatrix(features[layer], 'chw')]),
  );
  return evaluate({ ...features, ...grams }, { picture: rgb });
}

/** The relative squared distance of an input from a target, as a loss of the library gives it. */
async function distance(loss, shape, values, target) {
  const [own, goal] = ['own', 'goal'].map((name) => graph.input(name, shape));
  const { value } = await evaluate({ value: loss(own, goal) }, { own: values, goal: target });
  return value[0];
}

async function judge(texture, sample) {
  const [own, goal] = [await measure(texture), await measure(sample)];
  let style = 0;
  for (const layer of styleLayers) {
    const name = `gram ${layer}`;
    const channels = Math.sqrt(own[name].length);
    const relative = (a, b) => gramLoss(a, b, 'relative', 1);
    style += (await distance(relative, [1, channels, channels], own[name], goal[name])) / styleLayers.length;
  }
  const histograms = [];
  for (const layer of histogramLayers) {
    const channels = weights.convolutions[layer.replace('relu', 'conv')].outputChannels;
    const matched = RankTarget.of(goal[layer], channels).match(own[layer], { ties: 'mean' });
    const relative = (a, b) => histogramLoss(a, b, 'relative');
    histograms.push(
      await distance(relative, [1, channels, own[layer].length / channels, 1], own[layer], matched),
    );
  }
  return { style, histograms };
}

const show = (value) => value.toExponential(1);
for (const path of pictures) {
  const image = await readImage(path);
  const { width, height } = fitLongSide(image.width, image.height, side);
  const sample = resizeImage(image, width, height);
  const { name } = parse(path);
  await writeImage(join(folder, `${name}-sample.png`), sample);
  const judged = [];
  for (const histogramWeight of [0, 0.1]) {
    const { image: texture } = await synthesize(
      { sample, network: weights, size: `${side}x${side}`, histogramWeight },
      { runtime },
    );
    await writeImage(join(folder, `${name}-${histogramWeight}.png`), texture);
    judged.push(await judge(texture, sample));
  }
  const [alone, matched] = judged;
  const cells = [
    ...judged.map(({ style }) => show(style)),
    ...[alone, matched].map(({ histograms }) => histograms.map(show).join(', ')),
  ];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
