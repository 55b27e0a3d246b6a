import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type ActivityEvent, instantOf, type Output, type QuarantineRecord, type RondoError } from '#contracts'
import { compileCycle, PartitionFold, readDefinition } from '#cycle'
import type { ReadRequest } from '../admission/admission.ts'
import { readBackfillRows } from '../backfills/backfill-rows.ts'
import { Calls } from './calls.ts'

const CASES = join(import.meta.dirname, '../../../../test/fixtures/cases')
const textOf = (name: string): string => readFileSync(join(CASES, name), 'utf8')
const ARRIVAL = Date.parse('2026-02-01T00:00:00Z')

/** An admission that keeps everything as text, as the log does. */
function keptCalls() {
  const events: ActivityEvent[] = []
  const quarantine: QuarantineRecord[] = []
  const accept = async <Read extends ReadRequest>(read: (arrival: number) => Read): Promise<Read> => {
    const request = read(ARRIVAL)
    events.push(...(JSON.parse(JSON.stringify(request.events)) as ActivityEvent[]))
    quarantine.push(...(JSON.parse(JSON.stringify(request.quarantine)) as QuarantineRecord[]))
    return request
  }
  return { calls: new Calls({ accept }), events, quarantine }
}

function folded(definition: string, events: readonly ActivityEvent[]): string[] {
  const outputs: Output[] = []
  const reading = readDefinition(textOf(definition), definition)
  if (reading.definition === undefined) throw new Error(JSON.stringify(reading.defects))
  const fold = new PartitionFold(compileCycle(reading.definition), { output: (output) => void outputs.push(output) }, { replay: true })
  for (const { actor, time, ...event } of events)
    fold.apply({ ...event, actorType: actor.type, actorId: actor.id, time: instantOf(time), arrival: instantOf(time) })
  return outputs.map(({ to }) => to)
}

const bodyOf = (name: string): Buffer => Buffer.from(`{"batch":[${textOf(name).trim().replaceAll('\n', ',')}]}`)

describe('numbers in calls over HTTP', () => {
  it('stay different beyond 2^53, in properties and as ids', async () => {
    const { calls, events } = keptCalls()
    expect(await calls.batch(bodyOf('big-integers.ndjson'))).toMatchObject({ accepted: 2, rejected: [] })
    expect(folded('big-integers.yaml', events)).toEqual(['buyer', 'collector'])
    await calls.one('track', Buffer.from('{"event":"Order Completed","userId":9007199254740993,"messageId":18446744073709551615}'))
    expect(events.at(-1)).toMatchObject({ id: '18446744073709551615', actor: { id: '9007199254740993' } })
  })

  it('make their call refused if they are not finite; the call is kept unchanged', async () => {
    const { calls, events, quarantine } = keptCalls()
    const body = textOf('beyond-numbers.ndjson').replaceAll('"actor": {"type": "user", "id": "u"}, "time"', '"userId": "u", "timestamp"')
    const { accepted, rejected } = await calls.batch(Buffer.from(`{"batch":[${body.trim().replaceAll('\n', ',')}]}`))
    expect([accepted, rejected]).toEqual([
      2,
      [{ index: 1, code: 'RONDO_EVENT_INVALID', message: 'properties.v: expected a number up to 1.8e308, found a larger one', path: 'properties.v' }],
    ])
    expect(folded('beyond-numbers.yaml', events)).toEqual(['x', 'y'])
    expect(quarantine[0]?.raw).toContain('"properties":{"v":1e400}')
    const one = calls.one('identify', Buffer.from('{"userId":"u","traits":{"deep":[[-1e400]]}}'))
    expect(await one.catch(({ code, message, path }: RondoError) => [code, message, path])).toEqual([
      'RONDO_EVENT_INVALID',
      'traits.deep.0.0: expected a number up to 1.8e308, found a larger one',
      'traits.deep.0.0',
    ])
  })
})

describe('numbers in rows of an import', () => {
  it('are read like those of calls', () => {
    const lines = textOf('beyond-numbers.ndjson').trim().replace('"v": 5', '"v": 653247040368672769')
    const { rows, rejected } = readBackfillRows(lines, 10, ARRIVAL)
    expect(rows.map((row) => row?.properties ?? null)).toEqual([{ v: '653247040368672769' }, null, null])
    expect(rejected).toEqual([{ row: 11, code: 'RONDO_ROW_INVALID', message: 'properties.v: expected a number up to 1.8e308, found a larger one' }])
  })
})

describe('a refused call', () => {
  it('is kept with the id of its key, its source and what its batch says, and never with the secret part of a key', async () => {
    const { calls, quarantine } = keptCalls()
    const [id, secret] = ['4f1d2c3b4a59', 'ab'.repeat(24)]
    const text = `rondo_write_${id}_${secret}`
    const key = { id, role: 'write', name: 'shop', hash: '0'.repeat(64), source: 'shop' } as const
    const capture = { api_key: text, event: 'Visit', properties: { token: text } }
    await calls.captures(Buffer.from(JSON.stringify({ api_key: text, batch: [capture], sent_at: '2026-01-31T00:00:00Z' })), undefined, key)
    await calls.batch(Buffer.from(JSON.stringify({ context: { app: 'shop' }, batch: [{ type: 'track', userId: 'u', writeKey: text }] })), key)
    expect(quarantine).toMatchObject([
      { form: 'posthog', key: id, source: 'shop', batch: { sentAt: '2026-01-31T00:00:00Z' }, raw: expect.stringContaining(`rondo_write_${id}_…`) },
      { form: 'segment', key: id, source: 'shop', batch: { context: { app: 'shop' } }, path: 'event' },
    ])
    expect(JSON.stringify(quarantine)).not.toContain(secret)
  })
})
