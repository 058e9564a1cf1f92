import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The development material beside the checkout: reference weights and pictures that are not part of the project. */
const folder = fileURLToPath(new URL('../../shared/', import.meta.url));

/** Path of a file of the development material. */
export const shared = (path: string): string => folder + path;

/**
 * Whether tests that need the development material must be left out: only where it is missing, and never in CI,
 * where its absence is a failure. For `describe.skipIf(withoutShared)`.
 */
export const withoutShared = !existsSync(folder) && process.env['CI'] === undefined;
