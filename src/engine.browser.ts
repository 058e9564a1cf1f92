/**
 * The engine in browsers: with ONNX Runtime for the web.
 * @packageDocumentation
 */
export * from './engine.js';
export { browserPlatform } from './api/platform.browser.js';
export { createWebRuntime, type WebRuntimeOptions } from './runtime/web-runtime.browser.js';
