import { describe, expect, it, vi } from 'vitest';
import { Interruption } from '../../src/cli/interruption.js';

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s asks the work to stop, and has the exit code %i', (signal, code) => {
    const before = process.listenerCount(signal);
    const [first, second] = [vi.fn(), vi.fn()];
    const interruption = new Interruption(first, second);
    try {
      expect(process.listenerCount(signal)).toBe(before + 1);
      expect(interruption.signal.aborted).toBe(false);
      process.emit(signal, signal);
      expect(interruption.signal.aborted).toBe(true);
      expect(first).toHaveBeenCalledOnce();
      expect(second).not.toHaveBeenCalled();
      expect(interruption.exitCode).toBe(code);
    } finally {
      interruption.release();
    }
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('by a second signal of any kind ends the process with it, and the first one stays the reason', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const [first, second] = [vi.fn(), vi.fn()];
    const interruption = new Interruption(first, second);
    try {
      process.emit('SIGHUP', 'SIGHUP');
      process.emit('SIGTERM', 'SIGTERM');
      expect(second).toHaveBeenCalledOnce();
      expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
      expect(interruption.exitCode).toBe(129);
      // What the signal does without us.
      expect(process.listenerCount('SIGHUP')).toBe(0);
    } finally {
      kill.mockRestore();
      interruption.release();
    }
  });
});
