import { isTflite, parseTflite } from '../formats/tflite.js';
import { magentaPart } from '../networks/magenta.js';
import type { MagentaDescription } from './models.js';
import type { ModelRecord } from './registry.js';
import { describeVggWeights, type VggDescription } from './vgg-description.js';
import { readVggWeights } from './vgg-files.js';

/**
 * Reads a network from a file and says what it is.
 * @param name the file's, for messages
 * @param expected what it should be; told by its bytes unless given
 * @throws StyleError `E_WEIGHTS_FORMAT` or `E_WEIGHTS_CONTENT` when it is no such network
 */
export async function describeNetwork(
  bytes: Uint8Array,
  name: string,
  expected?: ModelRecord['architecture'],
): Promise<VggDescription | MagentaDescription> {
  const isMagenta = expected === undefined ? isTflite(bytes) : expected === 'magenta';
  return isMagenta ? describeMagenta(bytes, name) : describeVggWeights(await readVggWeights(bytes, name));
}

function describeMagenta(bytes: Uint8Array, name: string): MagentaDescription {
  const model = parseTflite(bytes, name);
  const part = magentaPart(model);
  return { architecture: 'magenta', part, text: `Magenta's ${part}, ${model.operators.length} operators` };
}
