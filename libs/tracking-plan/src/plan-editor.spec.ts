import { beforeEach, describe, expect, it } from '@jest/globals'
import { AdminActs } from '#access'
import type { AdminRecord } from '#contracts'
import { SimulatedClock } from '#runtime'
import { checkEvent } from './check-event.ts'
import { PlanEditor } from './plan-editor.ts'

let acts: AdminRecord[]
beforeEach(() => {
  acts = []
})

/** The plan of a process: all processes have one log. */
function processOf(): PlanEditor {
  let next = 0
  const log = {
    append: async (act: AdminRecord) => void acts.push(JSON.parse(JSON.stringify(act))),
    read: async () => {
      const from = next
      next = acts.length
      return acts.slice(from)
    },
    close: async () => {},
  }
  return new PlanEditor({ acts: new AdminActs(log), clock: new SimulatedClock(Date.UTC(2026, 0, 1)) })
}

const refused = (code: string, text: string) => expect.objectContaining({ code, message: expect.stringContaining(text) })
const contract = (mode: 'observe' | 'enforce', required: string, event = 'Order') => ({
  event,
  mode,
  schema: { properties: { properties: { required: [required] } } },
})
const order = (properties: object, event = 'Order') => ({ event, properties: { ...properties } })

describe('the plan', () => {
  it('finds events that do not fit, by the newest version', async () => {
    const { plan } = await changed((one) => one.put(contract('observe', 'total'), 'command'))
    expect(checkEvent(plan, order({ total: 1 }))).toBeUndefined()
    const defect = { version: 1, path: 'properties.total', reason: 'properties.total: expected a value, found nothing' }
    expect(checkEvent(plan, order({}))).toEqual({ mode: 'observe', code: 'RONDO_EVENT_AGAINST_PLAN', defect })
    expect(checkEvent(plan, { event: 'Order' })?.defect).toEqual(defect)
    const next = await changed((one) => one.put(contract('enforce', 'price'), 'command'))
    expect(checkEvent(next.plan, order({ total: 1 }))).toMatchObject({ mode: 'enforce', defect: { version: 2, path: 'properties.price' } })
  })

  it('allows names that it does not have, or observes or refuses them', async () => {
    const one = processOf()
    expect(checkEvent(one.plan, order({}, 'constructor'))).toBeUndefined()
    for (const mode of ['observe', 'enforce'] as const) {
      await one.setUnplanned({ mode }, 'command')
      expect(checkEvent(one.plan, order({}, 'Other'))).toEqual({
        mode,
        code: 'RONDO_EVENT_UNPLANNED',
        defect: { version: 0, reason: 'the tracking plan does not have the name "Other"' },
      })
    }
    await one.put({ event: 'Other', schema: {} }, 'command')
    expect(checkEvent(one.plan, order({}, 'Other'))).toBeUndefined()
    await one.setUnplanned({ mode: 'allow', expectedVersion: 2 }, 'command')
    expect(one.plan.unplanned).toEqual({ mode: 'allow', version: 3 })
  })

  it('is the same in every process that reads the acts, and keeps all versions of a name', async () => {
    const one = processOf()
    await one.put(contract('observe', 'a'), 'command')
    await one.retire('Order', { by: 'command', expectedVersion: 1 })
    expect(checkEvent(one.plan, order({}))).toBeUndefined()
    await one.put(contract('enforce', 'b'), '4f1d2c3b4a59')
    const two = await changed(async () => {})
    expect(two.plan.list()).toEqual(one.plan.list())
    expect(two.versionsOf('Order').map(({ version, by, planned }) => [version, by, planned?.mode])).toEqual([
      [1, 'command', 'observe'],
      [2, 'command', undefined],
      [3, '4f1d2c3b4a59', 'enforce'],
    ])
  })
})

async function changed(change: (editor: PlanEditor) => Promise<unknown>): Promise<PlanEditor> {
  const editor = processOf()
  await editor.setUnplanned({ mode: 'allow' }, 'command')
  await change(editor)
  return editor
}

describe('a change of the plan', () => {
  it('for another version than the last is refused', async () => {
    const one = processOf()
    await one.put({ ...contract('observe', 'a'), expectedVersion: 0 }, 'command')
    const older = refused('RONDO_PLAN_CONFLICT', 'is at version 1, and the request is for version 0: someone else has changed it since')
    await expect(one.put({ ...contract('observe', 'b'), expectedVersion: 0 }, 'command')).rejects.toThrow(older)
    const higher = refused('RONDO_PLAN_CONFLICT', 'is at version 1, and the request is for version 2: it never had that version')
    await expect(one.retire('Order', { by: 'command', expectedVersion: 2 })).rejects.toThrow(higher)
    const unset = refused('RONDO_PLAN_CONFLICT', 'is at version 0, and the request is for version 1: it never had that version')
    await expect(one.setUnplanned({ mode: 'enforce', expectedVersion: 1 }, 'command')).rejects.toThrow(unset)
    await expect(one.retire('Visit', { by: 'command' })).rejects.toThrow(refused('RONDO_NOT_FOUND', 'no event "Visit"'))
  })

  it('that two processes make at the same time succeeds for one of them', async () => {
    const processes = Array.from({ length: 4 }, processOf)
    const results = await Promise.allSettled(processes.map((one, n) => one.put(contract('observe', `field${n}`), 'command')))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toEqual(refused('RONDO_PLAN_CONFLICT', 'is at version 1, because someone else changed it at the same time'))
    const reader = await changed(async () => {})
    const kept = results.find((result) => result.status === 'fulfilled')
    expect(reader.plan.list()).toEqual([kept?.status === 'fulfilled' ? kept.value : undefined])
  })

  it('that changes nothing makes no version', async () => {
    const one = processOf()
    await one.put(contract('observe', 'a'), 'command')
    const { event, mode, schema } = contract('observe', 'a')
    expect(await one.put({ schema, mode, event }, 'command')).toMatchObject({ version: 1 })
    await one.setUnplanned({ mode: 'allow' }, 'command')
    expect(acts).toHaveLength(1)
  })

  it.each([
    [{ ...contract('observe', 'a'), event: '' }, 'event'],
    [{ ...contract('observe', 'a'), mode: 'allow' }, 'mode'],
    [{ ...contract('observe', 'a'), version: 3 }, 'version'],
    [{ event: 'Order' }, 'schema'],
    [{ event: 'Order', schema: { type: 'text' } }, 'The schema cannot be used'],
    [7, 'the request'],
  ])('that is not valid is refused: %j', async (request, defect) => {
    await expect(processOf().put(request, 'command')).rejects.toThrow(refused('RONDO_PLAN_INVALID', defect))
    expect(acts).toEqual([])
  })

  it('beyond the limit of names is refused', async () => {
    const one = processOf()
    for (let n = 0; n < 1000; n++) acts.push({ kind: 'event-planned', at: '2026-01-01T00:00:00.000Z', by: 'command', planned: { ...planned, event: `e${n}` } })
    await expect(one.put(contract('observe', 'a', 'one more'), 'command')).rejects.toThrow(refused('RONDO_PLAN_INVALID', 'has 1000 names'))
    await one.put(contract('observe', 'a', 'e5'), 'command')
    await one.retire('e6', { by: 'command' })
    await one.put(contract('observe', 'a', 'one more'), 'command')
  })
})

const planned = { version: 1, mode: 'observe' as const, schema: {} }

it('a schema that another release stored and this one cannot use is a defect of each event', async () => {
  const one = processOf()
  acts.push({ kind: 'event-planned', at: '2026-01-01T00:00:00.000Z', by: 'command', planned: { ...planned, event: 'Order', schema: { newKeyword: 1 } } })
  await one.setUnplanned({ mode: 'observe' }, 'command')
  expect(checkEvent(one.plan, order({}))).toMatchObject({ mode: 'observe', defect: { version: 1, reason: expect.stringContaining('newKeyword') } })
})
