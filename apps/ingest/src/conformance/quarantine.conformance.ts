import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type ActivityEvent, type ControlRecord, formatInstant, type QuarantineRecord, type Repair } from '#contracts'
import { Quarantine, type QuarantineOptions, readRequest, replaySchema } from '#quarantine'

/** Quarantine of one log, which is empty when it is made. */
export interface QuarantineFixture {
  refuse(records: readonly QuarantineRecord[]): Promise<void>
  /** The ports as another process has them, or this process after a restart. */
  open(): Promise<Omit<QuarantineOptions, 'folds'>>
  /** What is in the log, of all partitions. */
  entries(): Promise<(ActivityEvent | ControlRecord)[]>
  /** Leaves behind what a process leaves that is killed after it wrote the events of a settlement and before it was done. */
  dieWithin(event: ActivityEvent): Promise<void>
  dispose(): Promise<void>
}

const HOUR = 3_600_000
const now = Date.now()
const ago = (ms: number): string => formatInstant(now - ms)

/** A call without a name, as a batch over HTTP leaves it. */
function nameless(number: number, more: Partial<QuarantineRecord> = {}, call: object = {}): QuarantineRecord {
  return {
    code: 'RONDO_EVENT_INVALID',
    reason: 'event: expected a name of 1 to 1024 characters',
    where: `POST /v1/batch, index ${number}`,
    refusedAt: ago(1000),
    raw: JSON.stringify({ type: 'track', userId: `u${number}`, messageId: `m${number}`, timestamp: ago(2000), ...call }),
    form: 'segment',
    id: `r${number}`,
    ...more,
  }
}

const NAME: Repair = { map: { event: { text: 'Visit' } } }
const replayOf = (more: object = {}) => readRequest(replaySchema, { all: true, repair: NAME, ...more })
const LIST = { after: '0', limit: 1000, state: 'open' } as const

/** The tests of quarantine over the ports of any store. */
export function describeQuarantine(name: string, make: () => Promise<QuarantineFixture>): void {
  describe(`quarantine in ${name}`, () => {
    let fixture: QuarantineFixture
    let opened: Quarantine[] = []
    beforeEach(async () => {
      fixture = await make()
    })
    afterEach(async () => {
      await Promise.all(opened.map((quarantine) => quarantine.close()))
      opened = []
      await fixture.dispose()
    })
    const open = async (options: Partial<QuarantineOptions> = {}): Promise<Quarantine> => {
      const folds = async () => () => ({ logTime: now - 5000, graceMs: HOUR })
      const quarantine = new Quarantine({ folds, ...(await fixture.open()), ...options })
      opened.push(quarantine)
      return quarantine
    }
    const refuse = (count: number): Promise<void> => fixture.refuse(Array.from({ length: count }, (_, number) => nameless(number)))
    const events = async (): Promise<ActivityEvent[]> => (await fixture.entries()).flatMap((entry) => ('record' in entry ? [] : [entry]))
    const replayed = async (): Promise<(string | undefined)[]> => (await events()).map(({ id }) => id).sort()

    it('lists each refused event once in pages of any size, and finds it by its id', async () => {
      await refuse(25)
      const quarantine = await open()
      const all = await quarantine.list(LIST)
      expect(all.items.map(({ record }) => record.id).sort()).toEqual(Array.from({ length: 25 }, (_, number) => `r${number}`).sort())
      const paged: string[] = []
      for (let after = '0', more = true; more; ) {
        const page = await quarantine.list({ ...LIST, after, limit: 7 })
        paged.push(...page.items.map(({ id }) => id))
        ;({ next: after, more } = page)
      }
      expect(paged).toEqual(all.items.map(({ id }) => id))
      for (const item of all.items) expect(await quarantine.find(item.id)).toMatchObject({ id: item.id, record: item.record, state: 'open' })
      await expect(quarantine.find('0-999999')).rejects.toMatchObject({ code: 'RONDO_NOT_FOUND' })
      await expect(quarantine.list({ ...LIST, after: '1.2.3.4.5.6' })).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
      expect(await quarantine.usage()).toMatchObject({ records: 25, dropped: { records: 0 } })
    })

    it('lists those that a filter means', async () => {
      const others: Partial<QuarantineRecord>[] = [
        { code: 'RONDO_EVENT_TOO_LARGE' },
        { source: 'shop' },
        { key: '4f1d2c3b4a59' },
        { refusedAt: ago(2 * HOUR) },
        { reason: 'a Special reason' },
        { where: 'activity partition 0, offset 3, index 1', refusedAt: null },
      ]
      await fixture.refuse(others.map((more, number) => nameless(number, more)))
      const quarantine = await open()
      const found = async (filter: object): Promise<string[]> =>
        (await quarantine.list({ ...LIST, ...filter })).items.map(({ record }) => String(record.id)).sort()
      expect(await found({ code: 'RONDO_EVENT_TOO_LARGE' })).toEqual(['r0'])
      expect(await found({ source: 'shop' })).toEqual(['r1'])
      expect(await found({ key: '4f1d2c3b4a59' })).toEqual(['r2'])
      expect(await found({ until: ago(HOUR) })).toEqual(['r3'])
      expect(await found({ from: ago(HOUR) })).toEqual(['r0', 'r1', 'r2', 'r4'])
      expect(await found({ text: 'special REASON' })).toEqual(['r4'])
      expect(await found({ of: 'log' })).toEqual(['r5'])
      expect(await found({ of: 'admission', source: 'shop' })).toEqual(['r1'])
    })

    it('says beforehand what would become of them: accepted, late by the rule of the fold, refused again with the reason, a copy', async () => {
      await fixture.refuse([
        nameless(0),
        nameless(1, {}, { timestamp: ago(2 * HOUR) }),
        nameless(2, {}, { userId: '' }),
        nameless(3, { raw: '{"type":' }),
        nameless(4, {}, { messageId: 'm0', userId: 'u0' }),
      ])
      const quarantine = await open()
      const preview = await quarantine.preview(replayOf())
      expect(preview).toMatchObject({ tried: 5, accepted: 1, late: 1, copies: 1, refused: 2, more: false })
      expect(preview.reasons.map(({ reason, count }) => `${count} ${reason.slice(0, 20)}`).sort()).toEqual(
        ['1 expected JSON: Unter', '1 expected a userId or'].map((text) => expect.stringContaining(text.slice(0, 14))),
      )
      expect(preview.samples.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['accepted', 'late', 'copy']))
      expect(await events()).toEqual([])
      expect((await quarantine.preview(replayOf({ repair: {} }))).refused).toBe(5)
    })

    it('a replay writes each accepted one into the log at its own time, leaves the others open, and gives a receipt', async () => {
      await fixture.refuse([
        nameless(0),
        nameless(1, {}, { timestamp: ago(2 * HOUR) }),
        nameless(2, { source: 'shop', id: 'made' }, { messageId: null, timestamp: null }),
      ])
      const quarantine = await open()
      const report = await quarantine.replay(replayOf(), '4f1d2c3b4a59')
      expect(report).toMatchObject({ accepted: 2, late: 1, refused: 0 })
      const written = await events()
      expect(written.map(({ id, event, time, source }) => ({ id, event, time, source })).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: 'm0', event: 'Visit', time: ago(2000), source: undefined },
        // Without an id and a time of its own: the same at each reading, and the time when it was refused.
        { id: 'made', event: 'Visit', time: ago(1000), source: 'shop' },
      ])
      for (const { receivedAt } of written) expect(Date.parse(receivedAt)).toBeGreaterThanOrEqual(now)
      const other = await open()
      const receipt = await other.receipt(String(report.receipt))
      expect(receipt).toMatchObject({ kind: 'replayed', by: '4f1d2c3b4a59', repair: NAME })
      expect(receipt.items.map(({ copies, event }) => `${copies} ${event}`).sort()).toEqual(['made made', 'r0 m0'])
      expect((await other.list(LIST)).items.map(({ record }) => record.id)).toEqual(['r1'])
      expect(await other.find(String(receipt.items[0]?.id))).toMatchObject({ state: 'settled', receipt: receipt.id })

      expect(await other.replay(replayOf({ late: 'record' }), 'command')).toMatchObject({ tried: 1, late: 1 })
      expect((await other.list(LIST)).items).toEqual([])
      expect(await replayed()).toEqual(['m0', 'm1', 'made'])
    })

    it('of two processes that replay the same at once, each refused event becomes one event', async () => {
      await refuse(120)
      const [one, other] = [await open(), await open()]
      const reports = await Promise.all([one, other].map((quarantine) => quarantine.replay(replayOf(), 'command').catch(() => undefined)))
      const rest = await (await open()).replay(replayOf(), 'command')
      const accepted = [...reports, rest].reduce((sum, report) => sum + (report?.accepted ?? 0), 0)
      expect(await replayed()).toEqual(Array.from({ length: 120 }, (_, number) => `m${number}`).sort())
      expect(accepted).toBeLessThanOrEqual(120)
      expect((await (await open()).list(LIST)).items).toEqual([])
    })

    it('what a process has written that was killed inside a replay is not there, and is replayed once', async () => {
      await refuse(2)
      const event = { id: 'm0', type: 'track', event: 'Visit', actor: { type: 'user', id: 'u0' }, time: ago(2000), receivedAt: ago(0) } satisfies ActivityEvent
      await fixture.dieWithin(event)
      const quarantine = await open()
      expect(await quarantine.replay(replayOf(), 'command')).toMatchObject({ accepted: 2 })
      expect(await replayed()).toEqual(['m0', 'm1'])
    })

    it('copies of one refused event, which a repeated write leaves, become one event', async () => {
      await fixture.refuse([nameless(0), nameless(0), nameless(1)])
      const quarantine = await open()
      expect(await quarantine.replay(replayOf({ limit: 1 }), 'command')).toMatchObject({ tried: 1 })
      expect(await quarantine.replay(replayOf(), 'command')).toMatchObject({ tried: 1, accepted: 1 })
      expect(await replayed()).toEqual(['m0', 'm1'])
    })

    it('what a contract refuses stays, and is accepted after the contract has changed', async () => {
      await refuse(1)
      let refuses = true
      const quarantine = await open({ contract: () => (refuses ? { code: 'RONDO_EVENT_INVALID', reason: 'no total', path: 'properties.total' } : undefined) })
      expect(await quarantine.replay(replayOf(), 'command')).toMatchObject({ accepted: 0, refused: 1, reasons: [{ reason: 'no total', count: 1 }] })
      refuses = false
      expect(await quarantine.replay(replayOf(), 'command')).toMatchObject({ accepted: 1, refused: 0 })
    })

    it('a discarded one is not open any more, and can be seen', async () => {
      await refuse(3)
      const quarantine = await open()
      const [first] = (await quarantine.list(LIST)).items
      const { receipt } = await quarantine.discard({ ids: [String(first?.id)], after: '0', limit: 10 }, 'command')
      expect((await quarantine.list(LIST)).items).toHaveLength(2)
      expect((await quarantine.list({ ...LIST, state: 'settled' })).items).toMatchObject([{ id: first?.id, receipt }])
      expect(await quarantine.replay(replayOf(), 'command')).toMatchObject({ accepted: 2 })
      expect((await quarantine.receipts()).map(({ kind }) => kind)).toEqual(['replayed', 'discarded'])
    })
  })
}
