import { signal } from '@preact/signals';
import { networkKindOf } from '../../methods/method.js';
import type { LayerAnswer } from '../engine/engine-calls.js';
import { method, network } from '../state/choices.js';
import { engine } from '../state/engine.js';
import { picturesOfRole, type StudioPicture } from '../state/pictures.js';
import { sentNetwork, sentPicture } from '../state/sent-order.js';

/** Pictures are looked at no larger: what a layer sees shows in small ones, at once. */
const longSide = 128;

/** What a layer makes of a picture. */
export interface LayerView extends LayerAnswer {
  readonly role: string;
  readonly picture: StudioPicture;
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
  const told = networkKindOf(method.value) === 'perceptual' ? sentNetwork(network.value) : undefined;
  layerNames.value = await engine().ask('layers', told);
  const found: LayerView[] = [];
  for (const [role, picture] of pictures) {
    const question = { picture: sentPicture(picture), network: told, layer: name, longSide };
    found.push({ role, picture, ...(await engine().ask('layer', question)) });
  }
  if (asked === mine) views.value = found;
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
