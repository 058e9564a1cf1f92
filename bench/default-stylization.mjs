/*
 * Times what `pastiche stylize` does without any option but the size and the method, with the network of the package. The
 * clock runs from the start of this process. Arguments: content, style, output, long side, method.
 */
import { stylize } from '../dist/node.js';
import { megabytes } from './processes.mjs';

const [content, style, output, size, method] = process.argv.slice(2);
const result = await stylize({ content, styles: style, network: 'pastiche-vgg', size: Number(size), method });
await result.write(output);
console.log(JSON.stringify({ seconds: performance.now() / 1000, megabytes: megabytes() }));
