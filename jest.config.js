import { availableParallelism } from 'node:os';

/** One configuration for every package; tests stand beside their sources. */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.test.ts'],
  // What needs a real Redis or Kafka is for jest.wire.config.js.
  testPathIgnorePatterns: ['/node_modules/', '\\.engine\\.test\\.ts$'],
  globalSetup: './infra/checks/jest-global-setup.js',
  globalTeardown: './infra/checks/jest-global-teardown.js',
  modulePathIgnorePatterns: ['/dist/', '/infra/checks/planted/'],
  testEnvironmentOptions: { customExportConditions: ['turnledger-source', 'node', 'node-addons'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  testTimeout: 30_000,
  // Much of the suite waits for processes and sockets: its 470 s of processor time left two cores half idle with two workers.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // What a suite loads stays in its worker for good, some 25 MiB, since Node frees no ES modules of a vm. A worker beyond this is replaced.
  workerIdleMemoryLimit: '600MB',
};
