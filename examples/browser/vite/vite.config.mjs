// Threads need a page that is isolated from other sites; without these headers everything runs with one thread.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  worker: { format: 'es' },
  build: { target: 'es2022' },
  // The development server must leave addresses of workers and files as they are.
  optimizeDeps: { exclude: ['pastiche', 'onnxruntime-web'], include: ['pastiche > protobufjs/minimal.js'] },
  server: { headers },
  preview: { headers },
};
