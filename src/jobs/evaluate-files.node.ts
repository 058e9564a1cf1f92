import { readImage } from '../images/codec.node.js';
import { evaluatePicture, type Evaluation } from '../methods/evaluate.js';
import type { Pooling } from '../networks/vgg.js';
import { withRuntime, type MachineOrder } from './machine.node.js';
import { loadNetwork } from './network.node.js';
import type { Versions } from './stylize-order.js';
import { versions } from './stylize-session.node.js';

/** A measurement of picture files. */
export interface EvaluateOrder extends MachineOrder {
  /** The picture to be measured, whatever made it. */
  readonly picture: string;
  /** The photograph and the painting that it was made from. */
  readonly content: string;
  readonly style: string;
  /** A file of weights or a network's name. @defaultValue the first at hand of those that stylize takes */
  readonly network?: string | undefined;
  /** @defaultValue `max` */
  readonly pooling?: Pooling | undefined;
}

export interface EvaluateFilesResult extends Evaluation {
  readonly picture: string;
  readonly width: number;
  readonly height: number;
  readonly network: string;
  readonly device: string;
  readonly threads: number;
  readonly versions: Versions;
}

/**
 * Measures a picture file against a photograph and a painting; see {@link evaluatePicture}.
 * @throws StyleError for files that can't be read, a missing network, and pictures that are too small
 */
export async function evaluateFiles(order: EvaluateOrder): Promise<EvaluateFilesResult> {
  return withRuntime(order, async (runtime) => {
    const [picture, content, style, network] = await Promise.all([
      readImage(order.picture),
      readImage(order.content),
      readImage(order.style),
      loadNetwork('default', order.network),
    ]);
    const pooling = order.pooling === undefined ? {} : { pooling: order.pooling };
    const evaluation = await evaluatePicture(runtime, network.weights, {
      picture,
      content,
      style,
      ...pooling,
    });
    const { width, height } = picture;
    const { device, threads } = runtime;
    return {
      ...{ picture: order.picture, width, height, network: network.name, device, threads, versions },
      ...evaluation,
    };
  });
}
