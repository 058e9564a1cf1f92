import { appendFileSync } from 'node:fs';

/** The file that `bench/browser.mjs` reads differences from, which it names; other runs write none. */
const file = process.env['PASTICHE_PARITY'];

/** Whether differences are wanted of all that there is, however long that takes. */
export const isSurvey = file !== undefined;

/** Notes how far a device of the browser is from Node.js. @param relative to the largest value */
export function noteDifference(
  what: 'operation' | 'method',
  name: string,
  device: string,
  relative: number,
): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, name, device, relative })}\n`);
}
