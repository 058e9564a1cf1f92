/*
 * Repaints one picture file after another and shows how far it is.
 *
 *   npm run build && node examples/stylize-file.mjs [PHOTOGRAPH] [PAINTING] [OUTPUT]
 */
import { fileURLToPath } from 'node:url';
import { StyleError, stylizeFiles } from 'pastiche/node';

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
  const { pictures, seconds } = await stylizeFiles({
    content,
    styles: [style],
    output,
    // Every option and its default: docs/guide/stylize.md.
    options: { size: 320, iterations: 40, styleWeight: 1 },
    onProgress: show,
  });
  console.log(`${pictures[0].output}: ${pictures[0].width}x${pictures[0].height}, ${seconds.toFixed(1)} s`);
} catch (error) {
  // Everything that a person can put right is a StyleError, with the remedy.
  if (!(error instanceof StyleError)) throw error;
  console.error(`${error.message}\n${error.remedy}`);
  process.exitCode = 2;
}
