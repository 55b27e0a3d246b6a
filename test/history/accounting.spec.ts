import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { CycleDefinition } from '#contracts'
import { SqliteReadModels } from '#projections'
import { systemClock, temporaryFolder } from '#runtime'
import { Accounting } from '../../apps/serving/src/accounting/accounting.ts'
import { presence } from '../fixtures/cycles/presence.ts'
import { caseArb } from '../oracle/generate.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { FollowedFolder } from './followed-folder.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const parent = temporaryFolder()
let folders = 0
afterAll(() => parent[Symbol.dispose]())

/** A folder whose history follows with delay, and the accounting of both. */
async function accountedFolder(definition: CycleDefinition) {
  const folder = await FollowedFolder.open(definition, `${parent.path}/${folders++}`)
  const state = folder.folder.stateReader()
  const accounting = new Accounting({ definition, models: new SqliteReadModels(state), history: folder.history, clock: systemClock })
  const close = async (): Promise<void> => {
    state.close()
    await folder.close()
  }
  return { folder, accounting, close }
}

describe('the accounting of live models and of history', () => {
  it('finds no difference in any log, at any step, while history is behind', async () => {
    const stepsArb = fc.array(fc.record({ records: fc.integer({ min: 1, max: 12 }), steps: fc.nat(4) }), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(caseArb, stepsArb, async ({ definition, log }, parts) => {
      const { folder, accounting, close } = await accountedFolder(definition)
      try {
        for (let [from, i] = [0, 0]; from < log.length; i++) {
          const { records, steps } = parts[i % parts.length] as (typeof parts)[number]
          await folder.append(log.slice(from, from + records))
          from += records
          await folder.fold()
          await folder.follow({ rowsMax: 50, stepsMax: steps })
          expect((await accounting.check()).differences).toEqual([])
        }
      } finally {
        await close()
      }
    })
    await fc.assert(property, { numRuns: isLong ? 200 : 10 })
  })

  it('finds a stay that history has lost, by its hour', async () => {
    const { folder, accounting, close } = await accountedFolder(presence)
    const time = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 10) + minutes * 60_000).toISOString()
    const tick = (minutes: number): LogRecord => ({ record: 'tick', writer: 'w', time: time(minutes) }) as LogRecord
    const visit = { id: 'e1', type: 'track', event: 'Visit', actor: { type: 'user', id: 'ann' }, time: time(5), receivedAt: time(5) } as unknown as LogRecord
    const next = async (...records: LogRecord[]): ReturnType<Accounting['check']> => {
      await folder.append(records)
      await folder.fold()
      await folder.follow()
      return accounting.check()
    }
    try {
      const open = { record: 'writer.open', writer: 'w', time: time(0) } as LogRecord
      await next(open, tick(1), visit, tick(62))
      await next(tick(63))
      const { agreement } = await next(tick(64))
      expect(agreement).toMatchObject({ passedOver: 0, differences: [] })
      expect(agreement?.equal).toBeGreaterThan(0)
      await folder.history.rows('DELETE FROM running_stays')
      await next(tick(65))
      const { differences } = await next(tick(66))
      expect(differences).toEqual([
        expect.objectContaining({
          check: 'history',
          from: Date.parse(time(0)),
          live: { before: 0, entered: 1, left: 0, after: 1 },
          expected: 0,
          difference: 1,
        }),
      ])
    } finally {
      await close()
    }
  })
})
