import { networkKindOf, type AnyMethod } from '../../methods/method.js';
import { packageFiles } from '../../weights/package-files.browser.js';

const suffix = /\.(onnx|safetensors)$/;

/** Names that a method's model or network may have, of what comes with the page. */
export function modelChoices(method: AnyMethod): readonly string[] {
  const isPerceptual = networkKindOf(method) === 'perceptual';
  return Object.keys(packageFiles)
    .filter((file) => file.endsWith('.safetensors') === isPerceptual)
    .map((file) => file.replace(suffix, ''));
}
