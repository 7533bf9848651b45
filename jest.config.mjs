// Jest runs the TypeScript sources as they are: native ES modules, types stripped by swc, no build step.
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  // The file says why.
  moduleNameMapper: { '^\\./gen/index\\.js$': '<rootDir>/test/support/client-node-gen.ts' },
  // Tests of one file that wait beside each other (it.concurrent).
  maxConcurrency: 4,
  // Three files at a time on two cores: jest's 5 s are too short for a first request to a busy server.
  testTimeout: 20_000,
};
