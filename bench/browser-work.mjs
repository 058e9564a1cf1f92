/*
 * The same work in Node.js and in a page: milliseconds of single iterations, and of passes of networks. The text of the function goes
 * into the page, so that it refers to nothing outside.
 */
export async function work(functions, runtime, { side, rounds, weights, loss }) {
  const picture = (seed) =>
    functions.createImage(
      side,
      side,
      Float32Array.from({ length: 3 * side * side }, (_, i) => Math.abs(Math.sin(i * seed)) % 1),
    );
  const [content, styles] = [picture(12.9898), picture(78.233)];
  const call = { runtime, memoryLimit: Infinity };
  const iterations = [];
  await functions.stylize(
    {
      ...{ content, styles, network: weights, ...loss },
      ...{ optimizer: 'adam', learningRate: 0.02, scales: [side], iterations: rounds + 1 },
    },
    { ...call, onProgress: (event) => event.type === 'iteration' && iterations.push(event.milliseconds) },
  );
  // The first ones load the networks, as the first iteration warms up.
  const passes = async (pass) => {
    const times = [];
    for (let round = 0; round <= rounds; round += 1) times.push(1000 * (await pass()).seconds);
    return times.slice(1);
  };
  return {
    iteration: iterations.slice(1),
    wave: await passes(() => functions.apply({ model: 'wave', picture: content }, call)),
    any: await passes(() => functions.stylize({ content, styles, size: side, fast: true }, call)),
  };
}
