import type { ConditionalNetworkOptions } from '../src/networks/conditional-network.js';
import { conditionalNetworkShapes } from '../src/networks/conditional-network.js';
import type { StyleModel } from '../src/networks/style-model.js';
import { createRandom } from '../src/random.js';
import { ParameterSet } from '../src/training/parameter-set.js';

/** A small network with random weights, whose styles differ. */
export function toyStyleModel(options: Partial<ConditionalNetworkOptions> = {}): StyleModel {
  const whole = { form: 'light', base: 4, blocks: 1, styles: 2, knobs: 0, ...options } as const;
  const parameters = new ParameterSet(conditionalNetworkShapes(whole));
  parameters.initialize(3);
  const random = createRandom(5);
  for (const name of Object.keys(parameters.shapes)) {
    const view = parameters.view(name);
    // Numbers that change nothing would not be in a file.
    if (/\.offsets$|^code\.input\.|^(code|knobs)\..*bias$/.test(name))
      for (let i = 0; i < view.length; i += 1) view[i] = 0.3 * random.normal();
  }
  parameters.view('output.bias').fill(0.5);
  return {
    options: whole,
    styles: ['wave', 'udnie', 'scream'].slice(0, whole.styles),
    knobs: ['content', 'relu1_1', 'relu2_1'].slice(0, whole.knobs),
    parameters: parameters.values(),
    metadata: { trained_for: 'tests' },
  };
}
