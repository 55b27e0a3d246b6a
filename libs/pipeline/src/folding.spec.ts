import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { type CycleDefinition } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { decodeFrame } from './decode-frame.ts'
import { defaultLimits, Folding } from './folding.ts'

const file = join(import.meta.dirname, '../../../test/cycles/presence-30d.yaml')
const cycle = compileCycle(readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition)
const AT = '2026-03-01T12:00:00.000Z'
const line = (id: string, source?: string): string =>
  JSON.stringify({ id, type: 'track', event: 'Beat', actor: { type: 'user', id: 'u' }, time: AT, receivedAt: AT, ...(source && { source }) })

it('counts dropped copies by what they came through, and those of a restore not again', () => {
  const folding = new Folding(cycle, { partition: 0, seed: 0, generation: 1, limits: defaultLimits })
  const apply = (offset: number, ...lines: string[]): void => {
    for (const [index, entry] of decodeFrame(lines.join('\n')).entries()) {
      folding.apply(offset, index, entry)
      folding.fire()
    }
  }
  apply(0, line('a'), line('a', 'orders'))
  expect(folding.takeCopies()).toBeUndefined()
  folding.resume({ offset: 0, index: 1, cursor: null }, undefined)
  apply(1, line('a', 'orders'), line('b', 'orders'), line('b', 'refunds'), line('a'), line('a', 'orders'))
  expect(Object.fromEntries(folding.takeCopies() ?? [])).toEqual({ orders: 2, refunds: 1, '': 1 })
  expect(folding.takeCopies()).toBeUndefined()
})
