/*
 * Repaints a picture that is in memory, not in a file, and stops after some seconds with the best so far.
 *
 *   npm run build && node examples/stylize-in-memory.mjs [SECONDS]
 */
import { fileURLToPath } from 'node:url';
import { createSession, readImage, stylize } from 'pastiche';

const seconds = Number(process.argv[2] ?? 20);
const example = (name) => fileURLToPath(new URL(name, import.meta.url));

// Any pixels will do: createImage(width, height, rgb) takes planes of red, green and blue, 0 to 1.
const content = await readImage(example('two-dogs.jpg'));
const styles = [await readImage(example('arcimboldo-spring.jpg')), await readImage(example('poppies.jpg'))];

// The time begins with the first step: before it there is nothing that could be kept.
const stop = new AbortController();
let timer;
const onProgress = (event) => {
  if (event.type === 'iteration') timer ??= setTimeout(() => stop.abort(), seconds * 1000);
};

// Holds network and device for as many calls as there are, and computes in a thread, so that this one stays free.
const session = createSession();
try {
  const result = await stylize(
    { content, styles, size: 384, styleBlend: [2, 1] },
    { session, signal: stop.signal, onProgress },
  );
  await result.write('out-stylize-in-memory.png');
  const { stopped, iterations, network, losses } = result;
  console.log(`${stopped} after ${iterations} iterations with ${network}, loss ${losses.total.toFixed(4)}`);
} finally {
  clearTimeout(timer);
  await session.dispose();
}
