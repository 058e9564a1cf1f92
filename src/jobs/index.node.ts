export { planFiles } from './plan-files.node.js';
export { runFiles } from './run-files.node.js';
