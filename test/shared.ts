import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Path of a file of the reference material, the folder `shared` beside the repository. Where the material is missing the
 * answer is undefined, and the tests that need it skip visibly: `describe.skipIf(!file)`. On CI it has to be there.
 * @param path relative to the folder, such as `models/vgg19-16x.safetensors`
 */
export function sharedFile(path: string): string | undefined {
  const file = fileURLToPath(new URL(`../../shared/${path}`, import.meta.url));
  if (existsSync(file)) return file;
  if (process.env['CI'])
    throw new Error(`The reference material lacks ${path}; CI needs it beside the repository.`);
  return undefined;
}
