/*
 * Times what `pastiche stylize` does without any option but the size, with the network of the package. The clock runs from
 * the start of this process. Arguments: content, style, output, long side.
 */
import { stylizeFiles } from '../dist/node.js';
import { megabytes } from './processes.mjs';

const [content, style, output, size] = process.argv.slice(2);
await stylizeFiles({
  content,
  styles: [style],
  output,
  network: 'pastiche-vgg',
  options: { size: Number(size) },
});
console.log(JSON.stringify({ seconds: performance.now() / 1000, megabytes: megabytes() }));
