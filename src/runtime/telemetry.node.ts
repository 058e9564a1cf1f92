import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { StyleError } from '../errors.js';

/**
 * Unless this variable is set when a process makes its first session, ONNX Runtime for Linux and macOS reports its use to
 * Microsoft, and keeps a database and a number for the machine in the cache folder, or files in the working folder.
 */
const variable = 'ORT_DISABLE_TELEMETRY';
/** Where a thread tells the threads that it starts that the process has the variable. */
const done = 'pastiche: ONNX Runtime reports nothing';
/** Milliseconds after which the main thread is taken to be blocked. */
const patience = 5000;

if (isMainThread) {
  process.env[variable] = '1';
  setEnvironmentData(done, true);
}

/**
 * Turns ONNX Runtime's telemetry off for the process; to be awaited before a session is made. In the main thread that was
 * done when this module was loaded. The environment of another thread is a copy, which native code doesn't see: where the
 * main thread has not loaded this module, the variable is set there, through the inspector.
 * @throws StyleError `E_RUNTIME` when the main thread can't be reached and the process was not started with the variable
 */
export async function turnTelemetryOff(): Promise<void> {
  if (getEnvironmentData(done) === true) return;
  try {
    await evaluateInMainThread(`process.env[${JSON.stringify(variable)}] = '1'`);
  } catch (cause) {
    if (process.env[variable] !== '1') throw unreachable(cause);
  }
  setEnvironmentData(done, true);
}

async function evaluateInMainThread(expression: string): Promise<void> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  try {
    await new Promise<void>((resolve, reject) => {
      // The timer also keeps this thread alive, which a waiting session doesn't.
      const timer = setTimeout(() => reject(new Error('The main thread does not answer.')), patience);
      session.post('Runtime.evaluate', { expression }, (error) => {
        clearTimeout(timer);
        if (error === null) resolve();
        else reject(error);
      });
    });
  } finally {
    session.disconnect();
  }
}

function unreachable(cause: unknown): StyleError {
  return new StyleError(
    'E_RUNTIME',
    "ONNX Runtime's telemetry can't be turned off from this worker thread, since the main thread does not answer.",
    `Start the process with the environment variable ${variable}=1, or import Pastiche in the main thread first.`,
    { cause },
  );
}
