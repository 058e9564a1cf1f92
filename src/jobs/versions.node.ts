import { onnxRuntimeVersion } from '../runtime/devices.node.js';
import { packageVersion } from '../version.node.js';
import type { Versions } from './files-request.js';

/** Versions of what this process computes with. */
export const versions: Versions = {
  pastiche: packageVersion,
  onnxruntime: onnxRuntimeVersion,
  node: process.versions.node,
};

/** They as a page names them. */
export const versionsText = ({ pastiche, onnxruntime, node }: Versions): string =>
  `Pastiche ${pastiche}, ONNX Runtime ${onnxruntime}, Node.js ${node}`;
