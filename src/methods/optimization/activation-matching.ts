import type { RankTarget } from '../../ranks/rank-matching.js';
import type { InputValues, OutputValues, Program } from '../../runtime/runtime.js';

/** The distribution that a layer's activations are given, and the places within a channel where: all unless given. */
export interface MatchedPlaces {
  readonly target: RankTarget;
  readonly positions?: Uint32Array | undefined;
}

/** By the name of a layer's activations, what they are matched to. Several must not share places. */
export type MatchedLayers = ReadonlyMap<string, readonly MatchedPlaces[]>;

/**
 * The part of the histogram loss that the host does at each evaluation (see `losses/histogram.ts`): a picture's activations,
 * remapped to the distributions of a style. They go into the graph of the loss under the names that the activations have.
 */
export class ActivationMatching {
  /**
   * @param activations what gives the layers' activations; a program stays the caller's, who disposes it
   * @param layers by the names of those outputs
   */
  constructor(
    private readonly activations: Pick<Program, 'run'>,
    private readonly layers: MatchedLayers,
  ) {}

  /**
   * @param picture the program's inputs that aren't bound
   * @returns R(O) by name; places that no target has keep their activations, so that they have no loss
   */
  async matched(picture: InputValues): Promise<OutputValues> {
    const activations = await this.activations.run(picture);
    for (const [name, places] of this.layers) {
      const result = activations[name]!;
      for (const { target, positions } of places) target.match(result, { positions, result });
    }
    return activations;
  }
}
