/*
 * Repaints a picture that is in memory, not in a file, and stops after some seconds with the best so far.
 *
 *   npm run build && node examples/stylize-in-memory.mjs [SECONDS]
 */
import { fileURLToPath } from 'node:url';
import { createWorkerRuntime, loadNetwork, readImage, Stylizer, writeImage } from 'pastiche/node';

const seconds = Number(process.argv[2] ?? 20);
const example = (name) => fileURLToPath(new URL(name, import.meta.url));

// Any pixels will do: createImage(width, height, rgb) takes planes of red, green and blue, 0 to 1.
const content = await readImage(example('two-dogs.jpg'));
const styles = [await readImage(example('arcimboldo-spring.jpg')), await readImage(example('poppies.jpg'))];

// In a worker, so that this thread stays free; createNativeRuntime runs in the caller's own.
const runtime = createWorkerRuntime();
const { weights, name } = await loadNetwork('default');
const stylizer = new Stylizer(runtime, weights, { size: 384, styleBlend: [2, 1] });
try {
  const { image, stopped, iterations, losses } = await stylizer.stylize({
    content,
    styles,
    signal: AbortSignal.timeout(seconds * 1000),
  });
  await writeImage('out-stylize-in-memory.png', image);
  console.log(`${stopped} after ${iterations} iterations with ${name}, loss ${losses.total.toFixed(4)}`);
} finally {
  await stylizer.dispose();
  await runtime.dispose();
}
