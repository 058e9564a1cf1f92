import type { AnyMethod } from '../../methods/method.js';
import { fastOptionsSchema } from '../../methods/fast/options.js';
import type { CanvasPixels } from '../../images/pixels.js';
import { method, network, options, pictureCounts, settingsOf, type Options } from './choices.js';
import { pictures, type StudioPicture } from './pictures.js';
import type { StyleError } from '../../errors.js';

/** What the page asks for at once: a method with its pictures and its options. */
export interface Order {
  readonly method: AnyMethod;
  readonly pictures: Readonly<Record<string, readonly StudioPicture[]>>;
  readonly options: Options;
  readonly network: string | undefined;
  /** What was set on the page for it, where it is not the same. */
  readonly chosen?: Options | undefined;
  /** The picture that an optimisation begins with, and the order that made it. */
  readonly initial?: { readonly image: CanvasPixels; readonly madeBy: Order | undefined } | undefined;
}

/** Steps of a refinement at one size where nobody set any. */
const refiningSteps = 60;

const givenPictures = (): Order['pictures'] =>
  Object.fromEntries(method.value.roles.map(({ name }) => [name, pictures.value[name] ?? []]));

/** What is chosen now, as it stands. */
export const chosenOrder = (): Order => ({
  method: method.value,
  pictures: givenPictures(),
  options: options.value,
  network: network.value,
});

/**
 * The same in one pass of a network, where the chosen method has such a form and pictures can be refined afterwards. Options
 * that the one pass has in another sense, or not at all, are left out.
 */
export function firstPass(): Order | undefined {
  const order = chosenOrder();
  const { shape } = order.method.options;
  if (!('fast' in shape) || options.value['fast'] === true || !takesInitial(order)) return undefined;
  // In one pass a painting is seen as a whole.
  if (order.pictures['styleMasks']?.some(({ isWord }) => isWord !== true)) return undefined;
  const names = Object.keys(fastOptionsSchema.shape).filter(
    (name) => !['strength', 'model', 'refine'].includes(name),
  );
  const kept = Object.entries(order.options).filter(([name]) => names.includes(name));
  const once = { ...Object.fromEntries(kept), fast: true };
  return { ...order, options: once, chosen: order.options, network: undefined };
}

/** An optimisation that begins with a picture, at its size alone: large shapes are there already. */
export function refinement(initial: Order['initial']): Order {
  const order = chosenOrder();
  if (initial === undefined || !takesInitial(order)) return order;
  const { width, height } = initial.image;
  const { size: _, ...others } = order.options;
  return {
    ...order,
    initial,
    chosen: order.options,
    options: { scales: [Math.max(width, height)], iterations: refiningSteps, ...others, init: 'picture' },
  };
}

/** Whether the chosen way to compute can begin with a picture. */
function takesInitial({ method: one, options: given }: Order): boolean {
  if (!one.roles.some(({ name }) => name === 'initial')) return false;
  const counts = { ...pictureCounts.value, initial: 1 };
  return !isProblem(settingsOf(one, { ...given, init: 'picture' }, counts));
}

const isProblem = (found: object | StyleError): found is StyleError => found instanceof Error;
