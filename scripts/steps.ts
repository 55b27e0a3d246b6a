/** The steps of `npm test`, in order. One that fails does not keep the others from running: a run names everything that is wrong. */
export interface Step {
  name: string
  title: string
  /** Arguments of Node. Jest's steps report their own tests as well. */
  args: string[]
  jest?: string[]
  /** A step that takes longer than this hangs; it is ended and has failed. */
  minutesMax: number
}

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--passWithNoTests', '--ci']
const wholeProduct = String.raw`\.e2e\.spec\.ts$`
const realServer = String.raw`\.int\.spec\.ts$`
const realBroker = String.raw`\.kafka\.spec\.ts$`
const elsewhere = ['/node_modules/', '<rootDir>/dist/', String.raw`<rootDir>/\.stryker-tmp/`]
const except = (...patterns: string[]): string[] => [...elsewhere, ...patterns].map((pattern) => `--testPathIgnorePatterns=${pattern}`)

export const steps: Step[] = [
  {
    name: 'biome',
    title: 'format and lint',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=100', '.'],
    minutesMax: 3,
  },
  { name: 'promises', title: 'promises, sizes, clocks', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'], minutesMax: 6 },
  { name: 'types', title: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'], minutesMax: 6 },
  {
    name: 'imports',
    title: 'import rules',
    args: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test', 'scripts'],
    minutesMax: 6,
  },
  { name: 'dead-code', title: 'dead code', args: ['node_modules/knip/bin/knip.js'], minutesMax: 6 },
  { name: 'build', title: 'build', args: ['scripts/build.ts'], minutesMax: 3 },
  { name: 'tests', title: 'unit, properties, conformance, servers', args: jest, jest: ['--maxWorkers=2', ...except(wholeProduct, realBroker)], minutesMax: 60 },
  {
    name: 'kafka',
    title: 'on a real Kafka: the event log, and the apps as processes',
    args: jest,
    jest: ['--runInBand', '--forceExit', '--testTimeout=180000', '--testMatch=**/*.kafka.spec.ts'],
    minutesMax: 30,
  },
  {
    name: 'e2e',
    title: 'the whole product',
    args: jest,
    // One at a time: these start processes, open ports and kill them, and two at once would slow each other into their timeouts.
    jest: ['--runInBand', '--testTimeout=180000', `--testMatch=**/*.e2e.spec.ts`],
    minutesMax: 60,
  },
]

/** Tests over data that may not be shipped: RONDO_TEST_DATA names the folder where they lie. */
export const dataStep: Step = { name: 'data', title: 'data that is not shipped', args: jest, jest: ['--runInBand', '--testMatch=**/*.data.ts'], minutesMax: 15 }

/** Only what needs no server and no process: what one runs while editing. */
export const unitStep: Step = {
  name: 'unit',
  title: 'unit',
  args: jest,
  jest: ['--maxWorkers=2', ...except(wholeProduct, realServer, realBroker)],
  minutesMax: 15,
}
