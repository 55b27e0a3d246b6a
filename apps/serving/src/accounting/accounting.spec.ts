import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { SimulatedClock } from '#runtime'
import { DAY, FilledFolder, START } from '../../../../test/fixtures/serving/filled-folder.ts'
import { servedFolderForTests, shopper } from '../../../../test/fixtures/serving/served-folder.ts'
import { folderSources } from '../sources/folder-sources.ts'
import { Accounting } from './accounting.ts'
import { accountingGauge } from './accounting-gauge.ts'

describe('the accounting of a cycle', () => {
  let filled: FilledFolder
  let sources: ReturnType<typeof folderSources>
  let accounting: Accounting
  const clock = new SimulatedClock(START + 200 * DAY)

  beforeEach(() => {
    filled = new FilledFolder(shopper)
    sources = folderSources(filled.folder, filled.folder)
    accounting = new Accounting({ definition: shopper, models: sources.models, history: undefined, clock })
  })
  afterEach(async () => {
    await accounting.stop()
    await sources.close()
    await filled.close()
  })

  /** Changes the stored read models behind the back of Rondo. */
  function tamper(sql: string): void {
    const state = new DatabaseSync(join(filled.home.path, 'state.db'))
    state.exec(sql)
    state.close()
  }

  it('has no item while everything adds up, also after corrections', async () => {
    await filled.order('a', 0).order('b', 10).order('b', 20).tick(200).commit()
    await filled.order('a', 201).tick(202).commit()
    expect(await accounting.answer()).toMatchObject({ cycle: 'shopper', total: 2, known: 2, checked: shopper.stages.length, history: null, items: [] })
    expect(accounting.differences).toBe(0)
  })

  it('finds a count that is wrong: neither its flows nor its listing give it', async () => {
    await filled.order('a', 0).order('b', 10).tick(20).commit()
    tamper("UPDATE stage_counts SET actors = actors + 3 WHERE stage = 'connection'")
    const { items, total, known } = await accounting.answer()
    const item = { stage: 'connection', from: null, until: '2026-01-21T00:00:00.000Z', before: 0, entered: 2, left: 0, after: 5, expected: 2, difference: 3 }
    expect(items).toEqual([
      { check: 'flows', ...item },
      { check: 'list', ...item },
    ])
    expect([total, known]).toEqual([5, 2])
    const registry = new Registry()
    accountingGauge(registry, () => [{ name: 'shopper', accounting }])
    expect(await registry.metrics()).toContain('rondo_accounting_differences{cycle="shopper"} 2')
  })

  it('finds an actor that is listed in another stage, and a flow that is lost', async () => {
    await filled.order('a', 0).order('b', 10).tick(20).commit()
    tamper("UPDATE actors SET stage = 'habit' WHERE actor_id = 'a'; DELETE FROM flows WHERE hour = (SELECT max(hour) FROM flows)")
    const { items } = await accounting.answer()
    expect(items.map(({ check, stage, difference }) => [check, stage, difference])).toEqual([
      ['flows', 'connection', 1],
      ['list', 'connection', 1],
      ['list', 'habit', -1],
    ])
  })

  it('is checked again when the last check is more than some seconds old', async () => {
    await filled.order('a', 0).tick(20).commit()
    const { checkedAt } = await accounting.answer()
    tamper('UPDATE stage_counts SET actors = 7')
    expect(await accounting.answer()).toMatchObject({ checkedAt, items: [] })
    clock.advanceTo(START + 200 * DAY + 10_001)
    expect((await accounting.answer()).items).toHaveLength(2)
  })
})

describe('GET accounting', () => {
  const served = servedFolderForTests()

  it('is answered before the first event, and for cycles that there are', async () => {
    const answer = await served().json('/v1/cycles/shopper/accounting')
    expect(answer).toMatchObject({ cycle: 'shopper', asOf: { logTime: null, ageSeconds: null }, total: 0, known: 0, items: [] })
    expect(await served().problem('/v1/cycles/listener/accounting')).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
  })
})
