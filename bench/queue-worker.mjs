/*
 * A worker of a queue that saves every step, and whose job goes to another one two seconds after it has disappeared:
 * `node bench/queue-worker.mjs redis://HOST:PORT FOLDER [s3://BUCKET/PREFIX]`.
 */
import { openWorkers } from '../dist/service/open-workers.node.js';

const [queue, data, files] = process.argv.slice(2);
const settings = { workers: 1, threads: 1, leaseSeconds: 2, saveEverySeconds: 0 };
const workers = await openWorkers({ queue, data, files, ...settings });
process.once('SIGTERM', () => void workers.close().then(() => process.exit()));
console.log('working');
