import { readdirSync } from 'node:fs'
import { swcOptions } from './scripts/swc-options.ts'

/** Packages have names of this form for files of their own, so the libs are named one by one. */
const libs = readdirSync(new URL('./libs', import.meta.url)).join('|')

/** One runner for every suite: .spec.ts beside the source, .int.spec.ts against real servers, .e2e.spec.ts the whole product. */
export default {
  testEnvironment: '<rootDir>/test/runner/plain-environment.ts',
  testSequencer: '<rootDir>/test/runner/longest-first.ts',
  // Jest reads these folders at each start, and not what is installed beside them.
  roots: ['apps', 'libs', 'scripts', 'test'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcOptions, sourceMaps: 'inline' }] },
  moduleNameMapper: { [`^#(${libs})$`]: '<rootDir>/libs/$1/src/index.ts' },
  setupFiles: ['<rootDir>/test/fixtures/property-seed.ts'],
  // Anchored at the root, since mutation testing runs this very file in a copy of the tree inside .stryker-tmp.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/\\.stryker-tmp/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.stryker-tmp/'],
  // A test that takes longer than this hangs. It says nothing of how fast a test is: other work may have the processor.
  testTimeout: 180_000,
  maxWorkers: 2,
  // A worker keeps the modules of the specs that it has run, and the larger its memory, the more processor time it needs. So it is replaced then.
  workerIdleMemoryLimit: '400MB',
  watchman: false,
}
