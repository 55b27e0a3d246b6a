import { describe, expect, it } from '@jest/globals'
import { DAY_MS } from '#simulation'
import { TextOutput } from '../text-output.ts'
import type { SimulateFlags } from './simulate-flags.ts'
import { readSimulatePlan } from './simulate-plan.ts'

const NOW = Date.UTC(2026, 10, 3, 15, 20)
const terminal = {
  input: (async function* () {})(),
  output: new TextOutput('standard output', () => process.stdout),
  messages: { write: () => true },
  clock: { now: () => NOW },
  stop: new AbortController().signal,
}
const flags: SimulateFlags = { listeners: '10', musicians: '2', days: '30', seed: '1', output: '-', speed: '60' }

const planOf = (changed: Partial<SimulateFlags>, surplus: readonly string[] = []) => readSimulatePlan({ ...flags, ...changed }, surplus, terminal)

describe('the arguments of rondo simulate', () => {
  it('end at the last midnight of UTC, and the speed may have an x', () => {
    const plan = planOf({ url: 'http://127.0.0.1:1', speed: '1000x' })
    expect(plan).toMatchObject({ ecosystem: { from: Date.UTC(2026, 10, 3) - 30 * DAY_MS, days: 30 }, live: { speed: 1000 } })
  })

  it('are refused all at once, each with what was expected', () => {
    const refused = planOf(
      { listeners: '0', musicians: '99999999999', days: '1.5', seed: '-1', until: '2026-11-01T03:00Z', truth: '-', speed: 'fast', url: 'localhost' },
      ['--sead', '3'],
    )
    expect(refused).toHaveLength(9)
    expect(refused).toContainEqual(expect.objectContaining({ message: expect.stringContaining('--until: expected a midnight of UTC') }))
  })

  it('refuse a truth that would have no end, or would be written over the events', () => {
    expect(planOf({ url: 'http://127.0.0.1:1', truth: 'truth.ndjson' })).toHaveLength(1)
    expect(planOf({ output: 'a.ndjson', truth: 'a.ndjson' })).toHaveLength(1)
  })
})
