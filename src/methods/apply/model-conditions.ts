import { StyleError } from '../../errors.js';
import { knobsInputName, styleInputName } from '../../networks/conditional-network.js';
import type { StyleModel } from '../../networks/style-model.js';
import { createRandom } from '../../random.js';
import type { ApplySettings } from './options.js';

/** The largest weight of a loss that a model is trained with. */
const largestKnob = 2;
/** How far a seed takes the weights from where they are, as a standard deviation of their logarithm. */
const seedSpread = 0.35;

/**
 * What a model is told: parts of its styles, and its weights.
 * @throws StyleError `E_ARGUMENT` for a style or weight that the model doesn't have
 */
export function modelConditions(model: StyleModel, settings: ApplySettings): Record<string, Float32Array> {
  if (model.styles.length === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      'The model has no styles: it takes the code of a painting.',
      'Take a model that was trained for some paintings, such as wave.',
      { option: 'model' },
    );
  }
  const knobs = knobValues(model, settings);
  return {
    [styleInputName]: styleParts(model, settings),
    ...(knobs === undefined ? {} : { [knobsInputName]: knobs }),
  };
}

/** How much of each style, in the order of the options: names with parts of 1. */
export function chosenStyles(
  { styles, chosen }: StyleModel,
  { style }: ApplySettings,
): { readonly name: string; readonly part: number }[] {
  const given = style ?? [chosen ?? styles[0]!];
  const parts = given.map((text) => {
    const [name, value] = nameAndNumber(text, 'style', 1);
    if (!styles.includes(name)) {
      throw new StyleError(
        'E_ARGUMENT',
        `The model has no style "${name}".`,
        styles.length === 1 ? `Its only style is ${styles[0]!}.` : `Take one of ${styles.join(', ')}.`,
        { option: 'style' },
      );
    }
    return { name, part: value };
  });
  const twice = parts.find(({ name }, index) => parts.findIndex((one) => one.name === name) !== index);
  const sum = parts.reduce((total, { part }) => total + part, 0);
  if (twice !== undefined || sum === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      twice === undefined ? 'All styles have weight 0.' : `The style ${twice.name} is named twice.`,
      twice === undefined ? 'Give one of them a weight above 0.' : 'Name each style once, with its weight.',
      { option: 'style' },
    );
  }
  return parts.map(({ name, part }) => ({ name, part: part / sum }));
}

function styleParts(model: StyleModel, settings: ApplySettings): Float32Array {
  const parts = new Float32Array(model.styles.length);
  for (const { name, part } of chosenStyles(model, settings)) parts[model.styles.indexOf(name)] = part;
  return parts;
}

function knobValues({ knobs }: StyleModel, { layerWeights, seed }: ApplySettings): Float32Array | undefined {
  if (knobs.length === 0) {
    const option = layerWeights === undefined ? 'seed' : 'layerWeights';
    if (layerWeights === undefined && seed === undefined) return undefined;
    throw new StyleError(
      'E_ARGUMENT',
      `The model can't be adjusted, and the option ${option} is given.`,
      'Leave it out, or take a model that was trained with the option adjustable.',
      { option },
    );
  }
  const values = new Float32Array(knobs.length).fill(1);
  for (const text of layerWeights ?? []) {
    const [name, value] = nameAndNumber(text, 'layerWeights', 1);
    const index = knobs.indexOf(name);
    if (index < 0 || value > largestKnob) {
      throw new StyleError(
        'E_ARGUMENT',
        index < 0 ? `The model has no weight "${name}".` : `The weight of ${name} can't be ${value}.`,
        index < 0 ? `Take some of ${knobs.join(', ')}.` : `It takes a number from 0 to ${largestKnob}.`,
        { option: 'layerWeights' },
      );
    }
    values[index] = value;
  }
  if (seed === undefined) return values;
  const random = createRandom(seed);
  return values.map((value) => Math.min(largestKnob, value * Math.exp(seedSpread * random.normal())));
}

/** `wave:0.7` or `relu1_1=0.2`; without a number the one that stands for it. */
function nameAndNumber(text: string, option: string, otherwise: number): [name: string, value: number] {
  const [name, number, ...more] = text.split(/[:=]/) as [string, ...(string | undefined)[]];
  const value = number === undefined ? otherwise : number.trim() === '' ? NaN : Number(number);
  if (name !== '' && more.length === 0 && Number.isFinite(value) && value >= 0) return [name, value];
  throw new StyleError(
    'E_ARGUMENT',
    `${JSON.stringify(text)} has no weight that can be used.`,
    'Write a name, or a name and a number from 0 on: wave:0.7.',
    { option },
  );
}
