import { describe, expect, it } from '@jest/globals'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { estimateMemory } from './memory-estimate.ts'

const HOUR = 3_600_000
const cycle = (graceMs: number, dedupeMs: number) => ({ graceMs, dedupeMs }) as CompiledCycle

describe('estimateMemory', () => {
  it('takes the longer one of grace and dedupe', () => {
    expect(estimateMemory(cycle(HOUR, 24 * HOUR), 1).rememberedMs).toBe(24 * HOUR)
    expect(estimateMemory(cycle(48 * HOUR, 24 * HOUR), 1).rememberedMs).toBe(48 * HOUR)
  })

  it('counts 48 bytes for each event of that time', () => {
    expect(estimateMemory(cycle(0, HOUR), 1000).bytes).toBe(3600 * 1000 * 48)
    expect(estimateMemory(cycle(0, 2 * HOUR), 500).bytes).toBe(3600 * 1000 * 48)
  })
})
