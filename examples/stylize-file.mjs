/*
 * Repaints one picture file after another and shows how far it is.
 *
 *   npm run build && node examples/stylize-file.mjs [PHOTOGRAPH] [PAINTING] [OUTPUT]
 */
import { fileURLToPath } from 'node:url';
import { StyleError, stylize } from 'pastiche';

const example = (name) => fileURLToPath(new URL(name, import.meta.url));
const [
  content = example('picos-de-europa.jpg'),
  style = example('great-wave.jpg'),
  output = 'out-stylize-file.png',
] = process.argv.slice(2);

function show(event) {
  if (event.type === 'stage' && event.stage === 'optimize') {
    console.log(`scale ${event.scale + 1} of ${event.scales}: ${event.width}x${event.height}`);
  }
  if (event.type === 'iteration' && event.iteration % 10 === 0) {
    const { total, content: likeness, style: manner } = event.losses;
    const losses = [total, likeness, manner].map((loss) => loss.toFixed(4));
    console.log(`  ${event.iteration}/${event.iterations}  total, content, style: ${losses.join(', ')}`);
  }
}

try {
  const result = await stylize(
    // Every option and its default: docs/guide/stylize.md.
    { content, styles: style, size: 320, iterations: 40, styleWeight: 1 },
    { onProgress: show },
  );
  await result.write(output);
  const { image, seconds } = result;
  console.log(`${output}: ${image.width}x${image.height}, ${seconds.toFixed(1)} s`);
} catch (error) {
  // Everything that a person can put right is a StyleError, with the remedy.
  if (!(error instanceof StyleError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 2;
}
