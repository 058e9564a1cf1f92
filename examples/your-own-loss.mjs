/*
 * A loss of one's own, differentiated by the engine: takes the noise out of a picture by walking down
 *
 *   |x - noisy|^2 + smoothness * sum sqrt(dx^2 + dy^2 + epsilon)
 *
 * (Rudin, Osher and Fatemi 1992). Needs no weights.
 *
 *   npm run build && node examples/your-own-loss.mjs
 */
import { fileURLToPath } from 'node:url';
import { createImage, readImage, resizeImage, writeImage } from 'pastiche';
import { createNativeRuntime, fitLongSide, graph } from 'pastiche/engine';

const { add, gradients, input, multiply, named, slice, sqrt, square, subtract, sum } = graph;

const file = fileURLToPath(new URL('life.jpg', import.meta.url));
const original = await readImage(file);
const { width, height } = fitLongSide(original.width, original.height, 320);
const clean = resizeImage(original, width, height).rgb;

// Noise that is the same every time.
const noisy = clean.map((value, i) => value + 0.2 * ((Math.sin(i * 12.9898) * 43758.5453) % 1));

// The loss as an expression of a picture; shapes are checked here, values come later.
const x = input('x', [1, 3, height, width]);
const data = input('noisy', [1, 3, height, width]);
const inner = slice(x, [0, 0, 0, 0], [1, 3, height - 1, width - 1]);
const right = slice(x, [0, 0, 0, 1], [1, 3, height - 1, width]);
const below = slice(x, [0, 0, 1, 0], [1, 3, height, width - 1]);
const slopes = add(square(subtract(right, inner)), square(subtract(below, inner)));
const roughness = sum(sqrt(add(slopes, 1e-2)));
const loss = named(add(sum(square(subtract(x, data))), multiply(roughness, 0.15)), 'loss');
const [gradient] = gradients(loss, [x]);

const runtime = createNativeRuntime();
const program = await runtime.compile({ loss, gradient });
await program.bind({ noisy });
const picture = Float32Array.from(noisy);
for (let step = 1; step <= 60; step += 1) {
  const values = await program.run({ x: picture });
  values.gradient.forEach((slope, i) => (picture[i] -= 0.05 * slope));
  if (step % 20 === 0) console.log(`step ${step}: loss ${values.loss[0].toFixed(1)}`);
}
await runtime.dispose();

const error = (values) =>
  Math.sqrt(values.reduce((total, value, i) => total + (value - clean[i]) ** 2, 0) / values.length);
console.log(`root mean square error ${error(noisy).toFixed(4)} before, ${error(picture).toFixed(4)} after`);
const inRange = (values) => values.map((value) => Math.min(1, Math.max(0, value)));
await writeImage('out-noisy.png', createImage(width, height, inRange(noisy)));
await writeImage('out-smooth.png', createImage(width, height, inRange(picture)));
