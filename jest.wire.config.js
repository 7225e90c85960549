import base from './jest.config.js';

/** `npm run test:wire`: the tests that need a real Redis or Kafka beside PostgreSQL, which its set-up starts. */
export default {
  ...base,
  testMatch: ['**/*.engine.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: './infra/checks/jest-engines-setup.js',
  globalTeardown: './infra/checks/jest-engines-teardown.js',
  testTimeout: 120_000,
  // All share one Redis and one Kafka, and some of them freeze or flush it.
  maxWorkers: 1,
};
