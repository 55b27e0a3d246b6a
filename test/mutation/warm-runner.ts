import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import type { InstrumenterContext } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  type CompleteDryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import fc from 'fast-check'
import { type CollectedTest, collect, collected } from './jest-globals.ts'

const SPECS = ['libs/cycle/src/**/*.spec.ts', 'test/oracle/{oracle,passing-time,fold}.spec.ts']
/** The time limit of a test that has not passed here yet. */
const FIRST_LIMIT_MS = 20_000

const now = { mutant: -1 }
const world = globalThis as { __stryker__?: InstrumenterContext; __now__?: typeof now; __test__?: () => unknown }
world.__now__ = now
const script = new Script('__test__()')

/** Imports the specs once and runs them for one mutant after another in the same process, which takes milliseconds where jest takes seconds. */
class WarmRunner implements TestRunner {
  readonly #stryker: InstrumenterContext = {}
  /** Stryker answers an error with a new process, which continues with the same mutant. */
  #spent = false

  constructor() {
    world.__stryker__ = this.#stryker
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false }
  }

  async dryRun(): Promise<CompleteDryRunResult> {
    await load(true)
    this.#spent = true
    const tests = this.#run([...collected.values()], false)
    const { mutantCoverage } = this.#stryker
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage && { mutantCoverage }) }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }: MutantRunOptions): Promise<MutantRunResult> {
    if (this.#spent) throw new Error('this process is spent')
    if (collected.size === 0) await load(false)
    const covering = testFilter?.flatMap((id) => collected.get(id) ?? []) ?? [...collected.values()]
    covering.sort((a, b) => a.ms - b.ms)
    now.mutant = Number(activeMutant.id)
    Object.assign(this.#stryker, { activeMutant: activeMutant.id, hitCount: hitLimit === undefined ? undefined : 0, hitLimit })
    const tests = this.#run(covering, !disableBail)
    const { hitCount } = this.#stryker
    now.mutant = -1
    Object.assign(this.#stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
    const killers = tests.flatMap(({ id, status }) => (status === TestStatus.Failed ? (collected.get(id) ?? []) : []))
    // A mutant must not leave state behind that makes the next one fail.
    this.#spent = this.#run(killers, true).some(({ status }) => status === TestStatus.Failed)
    return toMutantRunResult(determineHitLimitReached(hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests }, disableBail)
  }

  #run(tests: readonly CollectedTest[], bail: boolean): TestResult[] {
    const results: TestResult[] = []
    for (const test of tests) {
      this.#stryker.currentTestId = test.id
      const result = resultOf(test)
      results.push(result)
      if (bail && result.status === TestStatus.Failed) break
    }
    delete this.#stryker.currentTestId
    return results
  }
}

/** @param counts whether the mutants of each test are counted, which makes the run several times slower */
async function load(counts: boolean): Promise<void> {
  const stand = new URL('./jest-globals.ts', import.meta.url).href
  registerHooks({
    resolve: (name, context, next) => (name === '@jest/globals' ? { url: stand, shortCircuit: true } : next(name, context)),
    load(url, context, next) {
      const loaded = next(url, context)
      if (counts || !url.includes('/libs/cycle/src/')) return loaded
      return { ...loaded, source: quickened(String(loaded.source)) }
    },
  })
  // Every mutant gets the same cases, and a failing case is not reduced.
  fc.configureGlobal({ seed: 3, endOnFailure: true })
  for (const path of globSync(SPECS).sort()) await collect(path, pathToFileURL(resolve(path)).href)
}

/** Without counting, and with a number to compare with in place of a call at every place that has a mutant. */
function quickened(source: string): string {
  const uncounted = source.replace(/stryCov_9fa48\((?:"\d+"(?:, )?)+\)/g, '0')
  return `const now_9fa48 = globalThis.__now__;${uncounted.replace(/stryMutAct_9fa48\("(\d+)"\)/g, '(now_9fa48.mutant === $1 && $&)')}`
}

/** A test that does not end because of a mutant is ended and has failed. */
function resultOf(test: CollectedTest): TestResult {
  const begun = performance.now()
  const named = { id: test.id, name: test.id, fileName: test.file }
  try {
    world.__test__ = test.run
    const result: unknown = script.runInThisContext({ timeout: test.ms === 0 ? FIRST_LIMIT_MS : Math.ceil(2000 + 5 * test.ms) })
    if (result instanceof Promise) throw new TypeError('only tests that end at once can be timed')
    const timeSpentMs = performance.now() - begun
    test.ms = timeSpentMs
    return { ...named, timeSpentMs, status: TestStatus.Success }
  } catch (error) {
    const failureMessage = error instanceof Error ? error.message : String(error)
    return { ...named, timeSpentMs: performance.now() - begun, status: TestStatus.Failed, failureMessage }
  }
}

/** The name by which Stryker finds the runner. */
export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'warm', WarmRunner)]
