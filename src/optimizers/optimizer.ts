/** A vector of variables, gradients or history. Inner products are summed in double precision whichever it is. */
export type FloatArray = Float32Array | Float64Array;

/** The loss and its gradient at one point. */
export interface Evaluation {
  readonly value: number;
  /** As long as the variables. The next evaluation may overwrite it: optimisers copy what they keep. */
  readonly gradient: FloatArray;
}

/**
 * Computes a loss at a point. The point may be a buffer of the optimiser's: it is to be read before the promise settles,
 * neither kept nor changed. It may also be the `x` of the step. The optimiser rethrows what an objective throws, and is then in the state
 * before the step.
 */
export type Objective = (x: FloatArray) => Promise<Evaluation>;

/** What one step did. */
export interface Step {
  /** The loss at the point where the step began, as PyTorch's closure returns it; not finite after a divergence. */
  readonly value: number;
  /** Evaluations of the objective that the step took. */
  readonly evaluations: number;
  /** True when no descent step was found: `x` is unchanged, and later steps won't change it either. */
  readonly stalled?: boolean;
}

/** Plain data from which an optimiser with the same options continues bit for bit. */
export interface OptimizerState {
  readonly name: string;
  readonly scalars: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

/**
 * Minimises a loss, one step at a time. An optimiser belongs to one objective and one vector of variables; L-BFGS reuses
 * the last evaluation of a step as the first of the next one as long as `x` is unchanged in between.
 */
export interface Optimizer {
  readonly name: string;
  /** Whether no step ends higher than it began, but for the rounding of the loss: then `x` is the best so far all the time. */
  readonly descends: boolean;

  /**
   * Changes `x`, in place, and returns the loss before the change. Where the loss isn't finite, `x` stays as it is, but for being
   * brought inside its bounds.
   * @throws StyleError `E_SHAPE` when `x` or the gradient has another length than the step before had
   */
  step(x: FloatArray, objective: Objective): Promise<Step>;

  /** The state after the last step; the arrays are copies. */
  state(): OptimizerState;

  /**
   * Restores a state; the arrays are copied.
   * @throws StyleError `E_STATE` when the state is another optimiser's or incomplete
   */
  restore(state: OptimizerState): void;
}
