import { securedSpecs, specsOfBothKinds } from './secured-specs.ts'

/**
 * Lanes run in parallel. `sources` reads sources and computes on all cores. The other lanes start processes and mostly wait for them.
 * The steps of a lane run one after the other.
 */
export type Lane = 'sources' | 'kafka' | 'product' | 'faults'

/** The steps of `npm test`. After a failed step the others still run: a run reports everything that is wrong. */
export interface Step {
  name: string
  title: string
  lane: Lane
  /** Arguments of Node. A step with `jest` also reports the number of its tests. */
  args: string[]
  jest?: string[]
  /** The nice value of the processes. A higher value gives the processes of the other lanes priority. */
  niceness?: number
  /** Variables of its processes, in place of those of the run. */
  env?: Readonly<Record<string, string>>
  /** Whether there is nothing to do in this run. */
  isEmpty?: boolean
  /** A step that takes longer is killed and has failed. */
  minutesMax: number
}

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--passWithNoTests', '--ci']
/** The time limit of one test. It is far above the usual times, because other lanes may use the processor. */
const TIME_LIMIT = '--testTimeout=180000'
const wholeProduct = String.raw`\.e2e\.spec\.ts$`
const realServer = String.raw`\.int\.spec\.ts$`
const realBroker = String.raw`\.kafka\.spec\.ts$`
const faults = '**/test/faults/*.kafka.spec.ts'
const elsewhere = ['/node_modules/', '<rootDir>/dist/', String.raw`<rootDir>/\.stryker-tmp/`]
const except = (...patterns: string[]): string[] => [...elsewhere, ...patterns].map((pattern) => `--testPathIgnorePatterns=${pattern}`)

/** The checks that read sources, and the tests that need no broker. */
const ofSources: Step[] = [
  {
    name: 'biome',
    lane: 'sources',
    title: 'format and lint',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=100', '.'],
    minutesMax: 20,
  },
  { name: 'promises', lane: 'sources', title: 'promises, sizes, clocks', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'], minutesMax: 20 },
  { name: 'types', lane: 'sources', title: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'], minutesMax: 20 },
  {
    name: 'dashboard-types',
    lane: 'sources',
    title: 'types of the dashboard, which has those of browsers',
    args: ['node_modules/typescript/bin/tsc', '-p', 'apps/dashboard'],
    minutesMax: 20,
  },
  {
    name: 'imports',
    lane: 'sources',
    title: 'import rules',
    args: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test', 'scripts'],
    minutesMax: 20,
  },
  { name: 'dead-code', lane: 'sources', title: 'dead code', args: ['node_modules/knip/bin/knip.js'], minutesMax: 20 },
  {
    name: 'tests',
    title: 'unit, properties, conformance, servers',
    lane: 'sources',
    args: jest,
    jest: ['--maxWorkers=2', TIME_LIMIT, ...except(wholeProduct, realBroker)],
    niceness: 10,
    minutesMax: 60,
  },
]

const ofProduct: Step[] = [
  {
    name: 'faults',
    title: 'faults in a running cluster',
    lane: 'faults',
    args: jest,
    jest: ['--runInBand', '--forceExit', TIME_LIMIT, `--testMatch=${faults}`],
    minutesMax: 60,
  },
  {
    name: 'e2e',
    title: 'the whole product',
    lane: 'product',
    args: jest,
    jest: ['--runInBand', TIME_LIMIT, `--testMatch=**/*.e2e.spec.ts`],
    minutesMax: 60,
  },
]

const { RONDO_TEST_SEED, RONDO_TEST_SECURED: form } = process.env
const seed = Number(RONDO_TEST_SEED ?? Math.floor(Date.now() / 1000))

/**
 * The specs with a broker. Those of test/cluster run on servers of both kinds: in a long run on each, otherwise the seed chooses a third of them for servers with
 * TLS, logins and rights, and the others run in plain text.
 */
function withBroker(long: boolean): Step[] {
  const specs = specsOfBothKinds()
  const secured = securedSpecs(specs, { seed, form: form ?? (long ? '1' : undefined) })
  const onlySecured = long && form === undefined ? [] : secured.map((spec) => `--testMatch=!**/${spec}`)
  const choice = form === undefined && !long ? `, by the seed ${seed} (RONDO_TEST_SEED)` : ''
  const jestOptions = ['--runInBand', '--forceExit', TIME_LIMIT]
  return [
    {
      name: 'kafka',
      title: 'on a real Kafka: the event log, and the apps as processes',
      lane: 'kafka',
      args: jest,
      jest: [...jestOptions, '--testMatch=**/*.kafka.spec.ts', `--testMatch=!${faults}`, ...onlySecured],
      minutesMax: 60,
    },
    {
      name: 'secured',
      title: `with TLS, logins and rights: ${secured.length} of ${specs.length} specs of the apps${choice}`,
      lane: 'kafka',
      args: jest,
      jest: [...jestOptions, ...secured.map((spec) => `--testMatch=**/${spec}`)],
      // The broker that other specs share asks for no login.
      env: { RONDO_TEST_SECURED: '1', RONDO_TEST_BROKER: '' },
      isEmpty: secured.length === 0,
      minutesMax: 60,
    },
  ]
}

/** All steps of `npm test`, in the order in which their output is shown. */
export const stepsOf = (long: boolean): Step[] => [...ofSources, ...withBroker(long), ...ofProduct]

/** The first step, because the steps with a broker and `e2e` start the built files. */
export const buildStep: Step = { name: 'build', title: 'build', lane: 'product', args: ['scripts/build.ts'], minutesMax: 20 }

/** Tests with data that may not be shipped. RONDO_TEST_DATA names the folder of the data. */
export const dataStep: Step = {
  name: 'data',
  title: 'data that is not shipped',
  lane: 'product',
  args: jest,
  jest: ['--runInBand', '--testMatch=**/*.data.ts'],
  minutesMax: 15,
}

/** Only tests that need no server and no process: for use while editing. */
export const unitStep: Step = {
  name: 'unit',
  title: 'unit',
  lane: 'sources',
  args: jest,
  jest: ['--maxWorkers=2', ...except(wholeProduct, realServer, realBroker)],
  minutesMax: 15,
}
