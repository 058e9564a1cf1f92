import { execFile, execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

const windows = process.platform === 'win32';

/*
 * What Windows has not, by the reason for which a test is left out there: `it.skipIf(withoutSignals)`. Beside that only a missing
 * ffmpeg and what a tiny file system needs are a reason to leave out a test; files that are missing are not.
 */

/** A signal sent to another process ends it there at once: Ctrl-C can't be tried without a keyboard. */
export const withoutSignals = windows;
/** A POSIX shell, its limits and its quoting. */
export const withoutShell = windows;
/** Named pipes and devices that have a place in the file system. */
export const withoutPipes = windows;
/** Files and folders that their owner may not read, and modes that are kept. */
export const withoutModes = windows;
/** Symbolic links that anybody may make. */
export const withoutLinks = windows;
/** Files that are replaced while somebody else reads or replaces them. */
export const withoutReplacingOpenFiles = windows;
/** Names of files with angle brackets and quotes in them. */
export const withoutHostileNames = windows;
/** The bounds of POSIX on the length of a name, which the system tells by a code of their own. */
export const withoutNameLimit = windows;

/** The ffmpeg that films need, which is the user's own. */
export const withoutFfmpeg = !['ffmpeg', 'ffprobe'].every((program) => {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Runs npm or npx. They are programs on POSIX and scripts on Windows, which only a shell finds under the same name. */
export function runNpm(
  command: 'npm' | 'npx',
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<{ stdout: string; stderr: string }> {
  if (!windows) return promisify(execFile)(command, [...args], options);
  const line = [command, ...args].map((word) => `"${word}"`).join(' ');
  return promisify(execFile)(line, { ...options, shell: true });
}

/** Whether a tiny file system can be mounted here, to be filled up: on Linux as root, if the sandbox lets us. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
