import { describe, expect, it } from 'vitest';
import { transformationNetworkShapes } from '../../src/networks/transformation-network.js';
import { ParameterSet } from '../../src/training/parameter-set.js';

const shapes = { 'a.weight': [2, 3, 1, 1], 'a.bias': [2], 'a.scale': [2], 'a.shift': [2] };

describe('a set of parameters', () => {
  it('is one vector and its views', () => {
    const set = new ParameterSet(shapes);
    expect(set.flat).toHaveLength(12);
    set.view('a.bias').set([7, 8]);
    expect([...set.flat]).toEqual([0, 0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0]);
    set.flat[11] = 5;
    expect([...set.values()['a.shift']!]).toEqual([0, 5]);
  });

  it('gathers gradients in its own order', () => {
    const into = new Float32Array(12);
    const named = { 'a.shift': [4, 4], 'a.scale': [3, 3], 'a.bias': [2, 2], 'a.weight': [1, 1, 1, 1, 1, 1] };
    new ParameterSet(shapes).gather(
      Object.fromEntries(Object.entries(named).map(([name, values]) => [name, Float32Array.from(values)])),
      into,
    );
    expect([...into]).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('begins with bounded random kernels, scales of 1 and shifts of 0, the same for the same seed', () => {
    const [one, two, three] = [3, 3, 4].map((seed) => {
      const set = new ParameterSet(shapes);
      set.initialize(seed);
      return set;
    }) as [ParameterSet, ParameterSet, ParameterSet];
    expect([...one.flat]).toEqual([...two.flat]);
    expect([...one.flat]).not.toEqual([...three.flat]);
    const bound = 1 / Math.sqrt(3);
    expect(
      [...one.view('a.weight'), ...one.view('a.bias')].every(
        (value) => value !== 0 && Math.abs(value) <= bound,
      ),
    ).toBe(true);
    expect([...one.view('a.scale'), ...one.view('a.shift')]).toEqual([1, 1, 0, 0]);
  });

  it('refuses values of another network', () => {
    const set = new ParameterSet(shapes);
    const good = { 'a.weight': [1, 2, 3, 4, 5, 6], 'a.bias': [1, 2], 'a.scale': [1, 1], 'a.shift': [0, 0] };
    set.assign(good);
    expect([...set.view('a.weight')]).toEqual(good['a.weight']);
    expect(() => set.assign({ ...good, 'a.bias': [1] })).toThrow(/a\.bias of shape \[2\] was given 1 values/);
    expect(() => set.assign({ 'a.weight': good['a.weight'] })).toThrow(/a\.bias.*no values/);
  });

  it('has the parameters of a transformation network: 1.68 million at base 32 with five blocks (Johnson et al.)', () => {
    expect(new ParameterSet(transformationNetworkShapes({ base: 32, blocks: 5 })).flat).toHaveLength(1679235);
  });
});
