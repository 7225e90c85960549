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
  // Much of the suite waits for processes and sockets: on two cores two workers take 223 s where jest's own choice, one, takes over 300.
  maxWorkers: '100%',
};
