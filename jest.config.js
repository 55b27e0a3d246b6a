import { swcOptions } from './scripts/swc-options.ts'

/** One runner for every suite: .spec.ts beside the source, .int.spec.ts against real servers, .e2e.spec.ts the whole product. */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcOptions, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^#([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts' },
  setupFiles: ['<rootDir>/test/fixtures/property-seed.ts'],
  // Anchored at the root, since mutation testing runs this very file in a copy of the tree inside .stryker-tmp.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/\\.stryker-tmp/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.stryker-tmp/'],
  // Enough for a thousand generated cases on a busy machine; a suite that needs more says so itself.
  testTimeout: 60_000,
  maxWorkers: 2,
  watchman: false,
}
