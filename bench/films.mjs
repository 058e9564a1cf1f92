/**
 * How much painted films flicker, with and without the option steady, and how fast films are done. Three films are made from
 * photographs of examples/, with motion that is known: a pan, an object that moves over a photograph that stands still, and a cut
 * between two pans. All have the noise of a camera.
 *
 *   node bench/films.mjs MODEL [--folder FOLDER] [--style NAME] [--speed]
 *
 * Flicker is the mean absolute difference, of 255, between a frame and the one before it moved as the film has moved, where nothing
 * was covered. Sharpness is the mean difference of neighbouring pixels against that of the frames without steady.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fitLongSide } from '../dist/images/resize.js';
import { createImage, readImage, resizeImage, runFiles, writeImage } from '../dist/node.js';
import { createRandom } from '../dist/random.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string' }, style: { type: 'string' }, speed: { type: 'boolean' } },
});
const [model] = positionals;
if (model === undefined) throw new Error('Name a model: node bench/films.mjs MODEL');
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'pastiche-films-'));
mkdirSync(folder, { recursive: true });

const size = { width: 640, height: 360 };
const [frameCount, rate, noise] = [16, 25, 2];
const example = (name) => join(import.meta.dirname, '../examples', name);
const options = values.style === undefined ? {} : { style: [values.style] };

/** A photograph at so many pixels of its long side. */
async function photograph(name, longSide) {
  const image = await readImage(example(name));
  const { width, height } = fitLongSide(image.width, image.height, longSide);
  return resizeImage(image, width, height);
}

/** A part of a photograph of the films' size. */
function windowOf(photo, left, top) {
  const rgb = new Float32Array(3 * size.width * size.height);
  for (let row = 0; row < 3 * size.height; row += 1) {
    const channel = Math.floor(row / size.height);
    const from = (channel * photo.height + top + (row % size.height)) * photo.width + left;
    rgb.set(photo.rgb.subarray(from, from + size.width), row * size.width);
  }
  return createImage(size.width, size.height, rgb);
}

const pan = (photo, speed) => ({
  frame: (t) => windowOf(photo, speed[0] * t, speed[1] * t),
  // What is seen was further to the right and below in the frame before.
  motion: () => [-speed[0], -speed[1]],
});

/** A round part of a picture that moves over a photograph. */
function movingObject(photo, other, speed) {
  const radii = [70, 90];
  const centre = (t) => [160 + speed[0] * t, 180 + speed[1] * t];
  const inside = (x, y, t) => {
    const [left, top] = centre(t);
    return ((x - left) / radii[0]) ** 2 + ((y - top) / radii[1]) ** 2 < 1;
  };
  const pixels = size.width * size.height;
  return {
    frame(t) {
      const { rgb } = windowOf(photo, 0, 0);
      for (let at = 0; at < pixels; at += 1) {
        const [x, y] = [at % size.width, Math.floor(at / size.width)];
        if (!inside(x, y, t)) continue;
        const from = (y - speed[1] * t) * other.width + x - speed[0] * t;
        for (let channel = 0; channel < 3; channel += 1)
          rgb[channel * pixels + at] = other.rgb[channel * other.width * other.height + from];
      }
      return createImage(size.width, size.height, rgb);
    },
    motion(x, y, t) {
      if (inside(x, y, t)) return speed;
      return inside(x, y, t - 1) ? undefined : [0, 0];
    },
  };
}

const films = {
  pan: pan(await photograph('picos-de-europa.jpg', 800), [3, 1]),
  object: movingObject(await photograph('sunset.jpg', 800), await photograph('two-dogs.jpg', 760), [4, 1]),
  cut: (() => {
    const shots = [photograph('aitzgorri.jpg', 760), photograph('poppies.jpg', 800)];
    return Promise.all(shots).then(([one, other]) => {
      const [first, second] = [pan(one, [2, 0]), pan(other, [0, 2])];
      const half = frameCount / 2;
      return {
        frame: (t) => (t < half ? first.frame(t) : second.frame(t - half)),
        motion: (x, y, t) => (t === half ? undefined : t < half ? first.motion() : second.motion()),
      };
    });
  })(),
};

/** Writes a film's frames with noise. */
function encode(path, frame, { width, height }) {
  const random = createRandom(1);
  const bytes = Buffer.alloc(3 * width * height * frameCount);
  for (let t = 0, to = 0; t < frameCount; t += 1) {
    const { rgb } = frame(t);
    for (let at = 0; at < width * height; at += 1)
      for (let channel = 0; channel < 3; channel += 1, to += 1)
        bytes[to] = Math.min(
          255,
          Math.max(0, Math.round(255 * rgb[channel * width * height + at] + noise * random.normal())),
        );
  }
  const raw = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${width}x${height}`,
    '-r',
    String(rate),
    '-i',
    '-',
  ];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...raw, '-crf', '14', '-pix_fmt', 'yuv420p', path], {
    input: bytes,
  });
}

/** The frames of a film as bytes. */
const decode = (path) =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    maxBuffer: 2 ** 30,
  });

const frameBytes = 3 * size.width * size.height;

function flicker(bytes, motion) {
  let [sum, count] = [0, 0];
  for (let t = 1; t < frameCount; t += 1) {
    for (let y = 0; y < size.height; y += 1) {
      for (let x = 0; x < size.width; x += 1) {
        const moved = motion(x, y, t);
        if (moved === undefined) continue;
        const [fromX, fromY] = [x - moved[0], y - moved[1]];
        if (fromX < 0 || fromY < 0 || fromX >= size.width || fromY >= size.height) continue;
        const at = t * frameBytes + 3 * (y * size.width + x);
        const from = (t - 1) * frameBytes + 3 * (fromY * size.width + fromX);
        for (let channel = 0; channel < 3; channel += 1)
          sum += Math.abs(bytes[at + channel] - bytes[from + channel]);
        count += 3;
      }
    }
  }
  return sum / count;
}

/** The mean difference of neighbours in all but the first frames, where nothing has been kept yet. */
function sharpness(bytes) {
  let [sum, count] = [0, 0];
  for (let at = 4 * frameBytes; at < bytes.length - 3; at += 1, count += 1)
    sum += Math.abs(bytes[at] - bytes[at + 3]);
  return sum / count;
}

async function savePicture(name, bytes, t) {
  const pixels = size.width * size.height;
  const rgb = Float32Array.from(
    { length: 3 * pixels },
    (_, i) => bytes[t * frameBytes + 3 * (i % pixels) + Math.floor(i / pixels)] / 255,
  );
  await writeImage(join(folder, `${name}-${t}.png`), createImage(size.width, size.height, rgb));
}

async function measureFlicker() {
  console.log('| film | flicker of the film itself | painted | with steady | ratio | sharpness |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const [name, made] of Object.entries(films)) {
    const film = await made;
    const input = join(folder, `${name}.mp4`);
    encode(input, film.frame, size);
    const painted = {};
    for (const steady of [false, true]) {
      const output = join(folder, `${name}-${steady ? 'steady' : 'plain'}.mp4`);
      await runFiles('apply', {
        network: model,
        pictures: { picture: input },
        output,
        quality: 90,
        options: { ...options, steady },
      });
      painted[steady] = decode(output);
      for (const t of [1, frameCount / 2, frameCount - 1])
        await savePicture(`${name}-${steady ? 'steady' : 'plain'}`, painted[steady], t);
    }
    const [plain, steady] = [false, true].map((key) => flicker(painted[key], film.motion));
    const sharp = sharpness(painted[true]) / sharpness(painted[false]);
    const own = flicker(decode(input), film.motion);
    console.log(
      `| ${name} | ${own.toFixed(2)} | ${plain.toFixed(2)} | ${steady.toFixed(2)} | ${(steady / plain).toFixed(2)} | ${sharp.toFixed(2)} |`,
    );
  }
  console.log(`Films and frames are in ${folder}.`);
}

async function measureSpeed() {
  const photo = await photograph('picos-de-europa.jpg', 1400);
  const [width, height] = [1280, 720];
  const input = join(folder, 'hd.mp4');
  const frame = () => resizeImage(photo, width, height);
  encode(input, frame, { width, height });
  console.log('| 720p | frames a second |\n| --- | --- |');
  for (const steady of [false, true]) {
    const output = join(folder, `hd-${steady ? 'steady' : 'plain'}.mp4`);
    const { results } = await runFiles('apply', {
      network: model,
      pictures: { picture: input },
      output,
      options: { ...options, steady },
    });
    const [{ outcome, seconds }] = results;
    console.log(`| ${steady ? 'with steady' : 'painted'} | ${(outcome.frames / seconds).toFixed(2)} |`);
  }
}

await (values.speed ? measureSpeed() : measureFlicker());
