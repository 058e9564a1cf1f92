/* The machine's speed in a large matrix product, the most that its multiply-add units give in practice. */
import { createNativeRuntime, graph } from '../dist/engine.node.js';

const runtime = createNativeRuntime();
let best = 0;
for (const size of [1024, 2048]) {
  const a = graph.input('a', [size, size]);
  const b = graph.constant(new Float32Array(size * size).fill(0.5), [size, size]);
  const program = await runtime.compile({ product: graph.matmul(a, b) });
  const values = new Float32Array(size * size).fill(0.25);
  for (let run = 0; run < 20; run += 1) {
    const start = performance.now();
    await program.run({ a: values });
    best = Math.max(best, (2 * size ** 3) / (performance.now() - start) / 1e6);
  }
}
console.log(JSON.stringify({ gigaflops: best }));
