/** The parts that a loss may have, with the words that displays and pages use for them. */
export const lossTermNames = {
  content: 'content',
  style: 'style',
  totalVariation: 'total variation',
  grain: 'grain',
  histogram: 'histogram',
  laplacian: 'detail',
} as const;

/** A part of a loss. */
export type LossTerm = keyof typeof lossTermNames;

/** The terms that a loss has, in the order in which they are shown. */
export const termsIn = (losses: Losses): LossTerm[] =>
  (Object.keys(lossTermNames) as LossTerm[]).filter((term) => losses[term] !== undefined);

/** What the weights of terms are multiplied by; a term without a factor counts as it is. */
export type TermFactors = Readonly<Partial<Record<LossTerm, number>>>;

/** The weighted parts of a loss that count, and their sum, as the optimiser sees them. */
export type Losses = { readonly total: number } & Readonly<Partial<Record<LossTerm, number>>>;
