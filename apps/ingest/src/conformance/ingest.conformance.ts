import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf, type QuarantineRecord, RondoError } from '#contracts'
import { partitionOf, type WriterRegistry } from '#event-log'
import { Admission, type AdmissionOptions } from '../admission/admission.ts'
import { IngestCounts } from '../admission/ingest-counts.ts'
import { admitted, type IngestLog } from '../admission/ingest-log.ts'

/** An entry of the log. */
type Entry = ActivityEvent | ControlRecord

/** A log under test, empty when it is made. */
export interface IngestFixture {
  readonly log: IngestLog
  readonly registry: WriterRegistry
  /** The entries of each partition, in their order. */
  entries(): Promise<Entry[][]>
  refused(): Promise<QuarantineRecord[]>
  /** Simulates a crash: afterwards `log` and `registry` are those of the next process. */
  restart(): Promise<void>
  dispose(): Promise<void>
}

const ACTORS = ['ann', 'bob', 'cid', 'dora', 'eve', 'fay', 'gus', 'hal']
const brief = (entry: Entry): string => ('record' in entry ? entry.record : entry.id)
const refusal = (reason: string): QuarantineRecord => ({ code: 'RONDO_EVENT_INVALID', reason, where: 'POST', refusedAt: null, raw: '{}' })

function eventAt(id: string, actor: string, arrival: number): ActivityEvent {
  const time = formatInstant(arrival)
  return { id, type: 'track', event: 'Visit', actor: { type: 'user', id: actor }, time, receivedAt: time }
}

/** Tests of what admission and writer life promise, over any {@link IngestLog}. */
export function describeIngest(name: string, open: () => Promise<IngestFixture>): void {
  describe(`ingest into ${name}`, () => {
    let fixture: IngestFixture
    let metrics: Registry
    let answered: string[]

    beforeEach(async () => {
      fixture = await open()
      metrics = new Registry()
      answered = []
    })
    afterEach(() => fixture.dispose())

    /** Tests call beat() themselves; no client has buffered events. */
    const admissionOf = (options: Partial<AdmissionOptions> = {}): Admission => {
      const { log, registry } = fixture
      const parts = { log, registry, counts: new IngestCounts(metrics), name: 'under test', beatMs: 2 ** 30, catchUpMs: 0, onAlarm() {} }
      return new Admission({ ...parts, timeoutMs: 600_000, ...options })
    }
    const accept = async (admission: Admission, id: string, actor = 'ann'): Promise<void> => {
      await admission.accept((arrival) => ({ events: [eventAt(id, actor, arrival)], quarantine: [] }))
      answered.push(id)
    }
    const counted = async (metric: string): Promise<string[]> =>
      (await metrics.metrics()).split('\n').filter((line) => line.startsWith(metric) && !line.endsWith(' 0'))

    it('opens and closes its writer in every partition, and writes each event into the partition of its actor before the last tick', async () => {
      const admission = admissionOf()
      await admission.start()
      await Promise.all(ACTORS.map((actor) => accept(admission, actor, actor)))
      await admission.close()
      const partitions = await fixture.entries()
      for (const [partition, entries] of partitions.entries()) {
        const own = ACTORS.filter((actor) => partitionOf(actor, partitions.length) === partition)
        expect(own.length).toBeGreaterThan(0)
        expect(entries.map(brief)).toEqual(['writer.open', ...own, 'tick', 'writer.close'])
      }
      const controls = partitions.flat().filter((entry) => 'record' in entry)
      expect(new Set(controls.map(({ writer }) => writer)).size).toBe(1)
      expect((await fixture.registry.read()).live).toEqual([])
      expect(await counted('rondo_events_accepted_total')).toEqual([`rondo_events_accepted_total ${ACTORS.length}`])
    })

    it('keeps refused records in quarantine, each once, and writes the good events of the same request into the log', async () => {
      const admission = admissionOf()
      await admission.start()
      await admission.accept((arrival) => ({ events: [eventAt('good', 'ann', arrival)], quarantine: [refusal('one'), refusal('two')] }))
      await admission.accept(() => ({ events: [], quarantine: [refusal('three')] }))
      await admission.accept(() => ({ events: [], quarantine: [] }))
      expect((await fixture.refused()).map(({ reason }) => reason).sort()).toEqual(['one', 'three', 'two'])
      await admission.close()
      const events = (await fixture.entries()).flat().filter((entry) => !('record' in entry))
      expect(events.map(brief)).toEqual(['good'])
      expect(await counted('rondo_events_refused_total')).toEqual(['rondo_events_refused_total{code="RONDO_EVENT_INVALID"} 3'])
    })

    it('writes a tick after all that was accepted before its time, and before nothing earlier, in two processes', async () => {
      for (const life of ['first', 'second']) {
        const admission = admissionOf()
        await admission.start()
        for (let round = 0; round < 12; round++) {
          const requests = ACTORS.slice(0, 1 + (round % ACTORS.length)).map((actor) => accept(admission, `${life}-${round}-${actor}`, actor))
          if (round % 3 === 0) await Promise.all([admission.beat(), ...requests])
          else await Promise.all([...requests, admission.beat()])
        }
        if (life === 'first') await fixture.restart()
        else await admission.close()
        metrics = new Registry()
      }
      const partitions = await fixture.entries()
      expect(partitions.flatMap(eventIds).sort()).toEqual(answered.sort())
      for (const entries of partitions) expect(ticksInOrder(entries)).toBeGreaterThan(4)
    })

    it('needs no tick if nothing was written and nothing is due', async () => {
      const folded = () => Array.from({ length: fixture.log.partitions }, () => ({ logTime: fixture.log.clock.now(), dueAt: Number.POSITIVE_INFINITY }))
      const admission = admissionOf({ folded })
      await admission.start()
      await Promise.all(ACTORS.map((actor) => accept(admission, actor, actor)))
      for (let beat = 0; beat < 5; beat++) await admission.beat()
      await accept(admission, 'news', 'ann')
      await admission.beat()
      // A tick that still waits would be replaced by the last one.
      await accept(admission, 'more', 'ann')
      await admission.close()
      const partitions = await fixture.entries()
      const ticks = partitions.map((entries) => entries.filter((entry) => brief(entry) === 'tick').length)
      expect(ticks).toEqual(partitions.map((_, partition) => (partition === partitionOf('ann', partitions.length) ? 3 : 2)))
    })

    it('refuses with 503 before the start, after the end, and if too much waits; nothing of it is in the log', async () => {
      const admission = admissionOf({ waitingBytesMax: 100 })
      const turnedAway = { code: 'RONDO_OVERLOADED', retriable: true }
      await expect(accept(admission, 'early')).rejects.toMatchObject(turnedAway)
      await admission.start()
      const first = accept(admission, 'first')
      await expect(accept(admission, 'too much')).rejects.toMatchObject(turnedAway)
      await first
      const last = accept(admission, 'last')
      const closing = admission.close()
      await expect(accept(admission, 'late')).rejects.toMatchObject(turnedAway)
      await Promise.all([last, closing])
      expect((await fixture.entries()).flatMap(eventIds)).toEqual(['first', 'last'])
      expect(await counted('rondo_requests_turned_away_total')).toEqual(['rondo_requests_turned_away_total{code="RONDO_OVERLOADED"} 3'])
    })

    it('rejects with the error of a request that cannot be read, and writes nothing of it', async () => {
      const admission = admissionOf()
      await admission.start()
      const unreadable = new RondoError('RONDO_BODY_INVALID', 'no batch')
      const read = (): never => {
        throw unreadable
      }
      await expect(admission.accept(read)).rejects.toBe(unreadable)
      await accept(admission, 'readable')
      await admission.close()
      expect((await fixture.entries()).flatMap(eventIds)).toEqual(['readable'])
    })

    it('writes nothing after it was stopped, and gives the reason', async () => {
      const { log } = fixture
      const reason = new RondoError('RONDO_CLOCK_OFF', 'The clock is off.')
      const waiting = log.append(admitted([eventAt('waiting', 'ann', 1)], [], log.clock.now()))
      log.stop(reason)
      await expect(waiting).rejects.toBe(reason)
      await expect(log.append(admitted([eventAt('next', 'ann', 1)], [], log.clock.now()))).rejects.toBe(reason)
      for (let partition = 0; partition < log.partitions; partition++) log.tick(partition, log.clock.now(), ['{}'])
      await log.drain()
      expect((await fixture.entries()).flat()).toEqual([])
    })
  })
}

const eventIds = (entries: readonly Entry[]): string[] => entries.filter((entry) => !('record' in entry)).map(brief)

/** @returns how many ticks there are */
function ticksInOrder(entries: readonly Entry[]): number {
  let [tick, count] = [Number.NEGATIVE_INFINITY, 0]
  for (const entry of entries) {
    if (!('record' in entry)) expect(instantOf(entry.receivedAt)).toBeGreaterThanOrEqual(tick)
    else if (entry.record === 'tick') {
      expect(instantOf(entry.time)).toBeGreaterThanOrEqual(tick)
      tick = instantOf(entry.time)
      count += 1
    }
  }
  return count
}
