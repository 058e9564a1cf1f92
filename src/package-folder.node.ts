import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/**
 * The folder of this package. It is found by the package's name and not by where this file lies, since the command line is bundled, and a
 * bundle lies elsewhere than what it is made of.
 */
export const packageFolder: string = dirname(createRequire(import.meta.url).resolve('pastiche/package.json'));
