/**
 * Selects the channels of a map that explain most of all channels: column subset selection by pivoted Cholesky
 * factorisation of their second moments. Each step takes the channel with the largest residual, and subtracts from all
 * others what it explains (Harbrecht, Peters and Schneider 2012, algorithm 1).
 * @param moments second moments `E[f f^T]`, `[channels, channels]` in row-major order
 * @param count how many to select, at most `channels`
 * @returns their indices, ascending
 */
export function selectChannels(moments: Float64Array, channels: number, count: number): number[] {
  if (count >= channels) return Array.from({ length: channels }, (_, index) => index);
  const unexplained = Float64Array.from({ length: channels }, (_, i) => moments[i * channels + i]!);
  const factors: Float64Array[] = [];
  const chosen: number[] = [];
  while (chosen.length < count) {
    let pivot = -1;
    for (let i = 0; i < channels; i += 1) {
      if (!chosen.includes(i) && (pivot < 0 || unexplained[i]! > unexplained[pivot]!)) pivot = i;
    }
    const root = Math.sqrt(Math.max(unexplained[pivot]!, 0));
    chosen.push(pivot);
    // Channels that are always zero explain nothing; they are taken last.
    if (root === 0) continue;
    const factor = new Float64Array(channels);
    for (let i = 0; i < channels; i += 1) {
      let value = moments[i * channels + pivot]!;
      for (const earlier of factors) value -= earlier[i]! * earlier[pivot]!;
      factor[i] = value / root;
      unexplained[i] = unexplained[i]! - factor[i]! ** 2;
    }
    factors.push(factor);
  }
  return chosen.sort((a, b) => a - b);
}
