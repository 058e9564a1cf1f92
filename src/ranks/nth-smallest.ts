/**
 * The value that would be at a place if the values were sorted, without sorting all of them (Hoare 1961, "Algorithm 65: find").
 * @param values at least one, none of them NaN; their order is changed
 * @param place from 0
 */
export function nthSmallest(values: Float32Array, place: number): number {
  let [first, last] = [0, values.length - 1];
  while (first < last) {
    const pivot = medianOfThree(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let [left, right] = [first, last];
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left]!;
      values[left] = values[right]!;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (place <= right) last = right;
    else if (place >= left) first = left;
    else break;
  }
  return values[place]!;
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
