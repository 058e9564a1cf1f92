import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Path of a file that was read wrongly once; see test/golden/cases/README.md. */
export const casePath = (name: string): string =>
  fileURLToPath(new URL(`../golden/cases/${name}`, import.meta.url));

export const readCase = (name: string): Promise<Buffer> => readFile(casePath(name));
