import { signal } from '@preact/signals';
import { input } from '../../graph/index.js';
import { decodeBlob } from '../../images/codec.browser.js';
import { gramMatrix } from '../../losses/gram.js';
import { networkKindOf } from '../../methods/method.js';
import { vggFeatures } from '../../networks/vgg.js';
import { reluName, vggLayers } from '../../networks/vgg-layers.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce } from '../../runtime/runtime.js';
import { method, network } from '../state/choices.js';
import { noteDevice, session } from '../state/engine.js';
import { picturesOfRole, type StudioPicture } from '../state/pictures.js';

/** Pictures are looked at no larger: what a layer sees shows in small ones, at once. */
const longSide = 128;

/** What a layer makes of a picture. */
export interface LayerView {
  readonly role: string;
  readonly picture: StudioPicture;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `[channels, height, width]` */
  readonly features: Float32Array;
  /** `[channels, channels]`, divided by the number of positions. */
  readonly gram: Float32Array;
}

/** The layer that is looked at. */
export const layer = signal('relu2_1');

/** The layers that the network has, once it is there. */
export const layerNames = signal<readonly string[]>(['relu2_1']);

/** The pictures as the layer sees them: of each role that a method needs the first one. */
export const views = signal<readonly LayerView[]>([]);

/** The pictures to look at, with their roles. */
export const lessonPictures = (): readonly (readonly [role: string, picture: StudioPicture])[] =>
  method.value.roles
    .filter(({ optional }) => optional !== true)
    .flatMap(({ name }) => {
      const [picture] = picturesOfRole(name);
      return picture === undefined ? [] : [[name, picture] as const];
    })
    .slice(0, 2);

let asked: unknown;

/** Has the engine compute features and Gram matrices of the pictures of now; a later call takes the place of an earlier one. */
export async function computeViews(): Promise<void> {
  const mine = (asked = {});
  const name = layer.value;
  const pictures = lessonPictures();
  if (pictures.length === 0) {
    views.value = [];
    return;
  }
  const told = networkKindOf(method.value) === 'perceptual' ? network.value : undefined;
  const weights = (await session().network(told)).weights as VggWeights;
  layerNames.value = vggLayers(weights.architecture)
    .filter((one) => one.name in weights.convolutions)
    .map((one) => reluName(one.name));
  const found: LayerView[] = [];
  for (const [role, picture] of pictures) found.push(await viewOf(role, picture, weights, name));
  noteDevice();
  if (asked === mine) views.value = found;
}

async function viewOf(
  role: string,
  picture: StudioPicture,
  weights: VggWeights,
  name: string,
): Promise<LayerView> {
  const { rgb, ...size } = await decodeBlob(picture.blob, picture.name, { longSide });
  const x = input('picture', [1, 3, size.height, size.width]);
  const features = vggFeatures(x, weights, [name], { pooling: 'max' })[name]!;
  const [, channels, height, width] = features.shape as [number, number, number, number];
  const outputs = { features, gram: gramMatrix(features, 'hw') };
  const found = await runOnce(session().runtime, outputs, { picture: rgb });
  return { role, picture, height, width, channels, features: found['features']!, gram: found['gram']! };
}

/** The channels that differ most from place to place in the first picture, the strongest first. */
export function strongestChannels({ channels, height, width, features }: LayerView, count: number): number[] {
  const size = height * width;
  const spread = Array.from({ length: channels }, (_, channel) => {
    const map = features.subarray(channel * size, (channel + 1) * size);
    const mean = map.reduce((sum, value) => sum + value, 0) / size;
    return map.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  });
  return spread
    .map((_, channel) => channel)
    .sort((a, b) => spread[b]! - spread[a]!)
    .slice(0, count);
}
