import type { Session } from '../../api/session.js';
import { input } from '../../graph/index.js';
import { decodeBlob } from '../../images/codec.browser.js';
import { gramMatrix } from '../../losses/gram.js';
import { vggFeatures } from '../../networks/vgg.js';
import { reluName, vggLayers } from '../../networks/vgg-layers.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce } from '../../runtime/runtime.js';
import type { GramQuestion, LayerAnswer, LayerQuestion } from './engine-calls.js';

const weightsOf = async (session: Session, network: string | undefined): Promise<VggWeights> =>
  (await session.network(network)).weights as VggWeights;

/** The layers that a network has. */
export async function layerNames(network: string | undefined, session: Session): Promise<readonly string[]> {
  const { architecture, convolutions } = await weightsOf(session, network);
  return vggLayers(architecture)
    .filter(({ name }) => name in convolutions)
    .map(({ name }) => reluName(name));
}

/** What a layer makes of a picture, and the Gram matrix of that. */
export async function layerView(
  { picture, network, layer, longSide }: LayerQuestion,
  session: Session,
): Promise<LayerAnswer> {
  const weights = await weightsOf(session, network);
  const { rgb, ...size } = await decodeBlob(picture.blob, picture.name, { longSide });
  const x = input('picture', [1, 3, size.height, size.width]);
  const features = vggFeatures(x, weights, [layer], { pooling: 'max' })[layer]!;
  const [, channels, height, width] = features.shape as [number, number, number, number];
  const found = await runOnce(
    session.runtime,
    { features, gram: gramMatrix(features, 'hw') },
    { picture: rgb },
  );
  return { ...{ height, width, channels }, ...(found as Pick<LayerAnswer, 'features' | 'gram'>) };
}

/** A Gram matrix of numbers: the same expression as in a loss, by the same runtime. */
export async function gramOf(
  { features, channels, height, width }: GramQuestion,
  session: Session,
): Promise<Float32Array<ArrayBuffer>> {
  const x = input('features', [1, channels, height, width]);
  const { gram } = await runOnce(session.runtime, { gram: gramMatrix(x, 'hw') }, { features });
  return gram as Float32Array<ArrayBuffer>;
}
