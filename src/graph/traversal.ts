import type { Tensor } from './tensor.js';

/** Every tensor that these depend on, and these, each after its inputs. Without recursion, so that depth is not limited. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { tensor: Tensor; next: number }[] = [];
  const enter = (tensor: Tensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    stack.push({ tensor, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const child = top.tensor.inputs[top.next];
      top.next += 1;
      if (child !== undefined) enter(child);
      else {
        order.push(top.tensor);
        stack.pop();
      }
    }
  }
  return order;
}
