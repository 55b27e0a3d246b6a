import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { type ActivityEvent, type ControlRecord, formatInstant, instantOf, RondoError } from '#contracts'
import { type DataFolder, type LogWriter, openDataFolder, partitionOf } from '#event-log'
import { type Clock, SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { MemoryRegistry } from '../../../../test/fixtures/ingest/memory-registry.ts'
import { Admission, type AdmissionOptions } from '../admission/admission.ts'
import { IngestCounts } from '../admission/ingest-counts.ts'
import { KafkaIngestLog } from './kafka-ingest-log.ts'

const START = Date.parse('2026-03-01T00:00:00.000Z')
const PARTITIONS = 3

let home: TemporaryFolder
let folder: DataFolder
let clock: SimulatedClock
let memoryRegistry: MemoryRegistry
let alarms: string[]
beforeEach(() => {
  home = temporaryFolder()
  folder = openDataFolder({ path: home.path, partitions: PARTITIONS, identity: {} })
  clock = new SimulatedClock(START)
  memoryRegistry = new MemoryRegistry(clock)
  alarms = []
})
afterEach(async () => {
  await folder.close()
  home[Symbol.dispose]()
})

type Options = Partial<Omit<AdmissionOptions, 'log'> & { log: LogWriter; clock: Clock }>

const admissionOf = ({ log = folder.writer, clock: own = clock, ...options }: Options = {}): Admission => {
  const onAlarm = (text: string): void => void alarms.push(text)
  return new Admission({
    log: new KafkaIngestLog({ writer: log, refusals: folder.writer, clock: own, onAlarm }),
    registry: memoryRegistry.registry(),
    counts: new IngestCounts(new Registry()),
    name: 'here',
    // Tests call beat() themselves.
    beatMs: 2 ** 30,
    onAlarm,
    ...options,
  })
}

const eventAt = (id: string, actor: string, arrival: number): ActivityEvent => {
  const time = formatInstant(arrival)
  return { id, type: 'track', event: 'Visit', actor: { type: 'user', id: actor }, time, receivedAt: time }
}
const accept = (admission: Admission, id: string, actor = 'u1') => admission.accept((arrival) => ({ events: [eventAt(id, actor, arrival)], quarantine: [] }))
const pendingWork = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}
async function beat(admission: Admission, ms = 1000): Promise<void> {
  clock.advanceBy(ms)
  await admission.beat()
  await pendingWork()
}
async function recordsOf(partition: number): Promise<(ActivityEvent | ControlRecord)[]> {
  const reader = folder.reader()
  try {
    const owned = await new Promise<Parameters<Parameters<typeof reader.own>[0]['assigned']>[0]>((resolve) => {
      void reader.own({ assigned: (candidate) => candidate.partition === partition && resolve(candidate), revoked() {} })
    })
    const frames = await owned.read(0, { bytesMax: 1e9, waitMs: 0 })
    return frames.flatMap(({ frame }) => frame.split('\n').map((line) => JSON.parse(line)))
  } finally {
    await reader.close()
  }
}
const brief = (record: ActivityEvent | ControlRecord): string => ('record' in record ? record.record : record.id)
const inPartition = async (partition: number): Promise<string[]> => (await recordsOf(partition)).map(brief)
const home3 = (actor: string): number => partitionOf(actor, PARTITIONS)

/** A log in which one partition cannot be written for a while. */
function stuck(partition: number): { log: LogWriter; free: () => void; attempts: () => number } {
  let isStuck = true
  let attempts = 0
  const append: LogWriter['append'] = async (at, frames) => {
    if (at === partition && isStuck) {
      attempts += 1
      throw new RondoError('RONDO_LOG_UNAVAILABLE', 'no leader', { retriable: true })
    }
    return await folder.writer.append(at, frames)
  }
  const log = { partitions: PARTITIONS, append, close: async () => {} }
  return { log, attempts: () => attempts, free: () => (isStuck = false) }
}

describe('the admission of many partitions', () => {
  it('writes no tick into a partition that cannot be written, and ticks into all other partitions', async () => {
    const { log, free, attempts } = stuck(home3('ann'))
    free()
    const { log: broken, free: repair } = stuck(home3('ann'))
    let isBroken = false
    const admission = admissionOf({ log: { ...log, append: (at, frames) => (isBroken ? broken : log).append(at, frames) } })
    await admission.start()
    isBroken = true
    const answer = accept(admission, 'a', 'ann')
    const other = ['bob', 'cid', 'dora', 'eve'].find((actor) => home3(actor) !== home3('ann')) as string
    await accept(admission, 'b', other)
    await beat(admission)
    await beat(admission)
    expect(await inPartition(home3('ann'))).toEqual(['writer.open'])
    expect(await inPartition(home3(other))).toEqual(['writer.open', 'b', 'tick', 'tick'])
    await beat(admission)
    expect([...memoryRegistry.entries.values()][0]?.timeoutMs).toBe(600_000)
    repair()
    await answer
    await pendingWork()
    // The newest tick replaced the waiting one; everything that was accepted before its time comes before it.
    expect((await inPartition(home3('ann'))).slice(0, 2)).toEqual(['writer.open', 'a'])
    await beat(admission)
    expect((await inPartition(home3('ann'))).slice(2).every((record) => record === 'tick')).toBe(true)
    expect(attempts()).toBe(0)
    await admission.close()
  })

  it('answers after a timeout that the result is unknown, and still writes no tick', async () => {
    const { log, free } = stuck(home3('ann'))
    free()
    const { log: broken, free: repair } = stuck(home3('ann'))
    let isBroken = false
    const admission = admissionOf({ answerMsMax: 3000, log: { ...log, append: (at, frames) => (isBroken ? broken : log).append(at, frames) } })
    await admission.start()
    isBroken = true
    const answer = expect(accept(admission, 'a', 'ann')).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
    clock.advanceBy(4000)
    admission.expire()
    await answer
    for (let second = 0; second < 5; second++) await beat(admission)
    expect(await inPartition(home3('ann'))).toEqual(['writer.open'])
    repair()
    await admission.close()
    const records = await inPartition(home3('ann'))
    expect(records.filter((record) => record !== 'tick')).toEqual(['writer.open', 'a', 'writer.close'])
    expect(records.slice(-2)).toEqual(['tick', 'writer.close'])
  })

  it('answers after the timeout also while a beat waits for the log', async () => {
    const { log, free } = stuck(home3('ann'))
    free()
    const { log: broken, free: repair } = stuck(home3('ann'))
    const registry = memoryRegistry.registry()
    const outage = Promise.withResolvers<void>()
    let isOut = false
    const admission = admissionOf({
      beatMs: 5,
      answerMsMax: 3000,
      log: { ...log, append: (at, frames) => (isOut ? broken : log).append(at, frames) },
      registry: { ...registry, heartbeat: async (beat) => (isOut ? outage.promise.then(() => registry.heartbeat(beat)) : registry.heartbeat(beat)) },
    })
    await admission.start()
    isOut = true
    const answer = expect(accept(admission, 'a', 'ann')).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
    await new Promise((resolve) => setTimeout(resolve, 30))
    clock.advanceBy(4000)
    await answer
    expect(alarms).toContainEqual(expect.stringContaining('answered with 503: 1 requests'))
    repair()
    outage.resolve()
    await admission.close()
  })
})

describe('several writers', () => {
  it('close one that has died, after its timeout, in every partition, and not before', async () => {
    const [dead, alive] = [admissionOf({ name: 'dead' }), admissionOf({ name: 'alive' })]
    await dead.start()
    await alive.start()
    await beat(dead)
    for (let second = 0; second < 14; second++) await beat(alive)
    expect(alarms).toEqual([expect.stringMatching(/^Time is held by dead/)])
    expect(await inPartition(0)).not.toContain('writer.close')
    await beat(alive)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = await recordsOf(partition)
      const [opened, next] = records as ControlRecord[]
      expect(records.filter((record) => brief(record) === 'writer.close')).toEqual([expect.objectContaining({ writer: opened?.writer, by: next?.writer })])
    }
    expect([...memoryRegistry.entries.values()].map(({ name }) => name)).toEqual(['alive'])
    await alive.close()
  })

  it('open again after they were paused, and wait for events that their clients have buffered', async () => {
    const [sleeper, other] = [admissionOf({ name: 'sleeper' }), admissionOf({ name: 'other' })]
    await sleeper.start()
    await other.start()
    for (let second = 0; second < 20; second++) await beat(other)
    expect(await inPartition(1)).toContain('writer.close')
    await expect(accept(sleeper, 'too early')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    await beat(sleeper)
    await accept(sleeper, 'a')
    const records = await recordsOf(home3('u1'))
    const opens = records.filter((record) => brief(record) === 'writer.open') as ControlRecord[]
    expect(opens.map(({ writer }) => writer)).toEqual([opens[0]?.writer, opens[1]?.writer, opens[0]?.writer])
    expect(records.slice(-2).map(brief)).toEqual(['writer.open', 'a'])
    const ticksOf = async () =>
      (await recordsOf(home3('u1'))).filter((record) => brief(record) === 'tick' && (record as ControlRecord).writer === opens[0]?.writer)
    for (let second = 0; second < 20; second++) await Promise.all([beat(sleeper, 500), beat(other, 500)])
    expect((await ticksOf()).length).toBe(0)
    await beat(sleeper, 2000)
    expect((await ticksOf()).length).toBe(1)
    await Promise.all([sleeper.close(), other.close()])
  })

  it('are not closed for an outage of the log, in which all were silent', async () => {
    const [first, second] = [admissionOf({ name: 'first' }), admissionOf({ name: 'second' })]
    await first.start()
    await second.start()
    memoryRegistry.failure = new RondoError('RONDO_LOG_UNAVAILABLE', 'down', { retriable: true })
    for (let n = 0; n < 60; n++) {
      clock.advanceBy(1000)
      await Promise.all([first.beat(), second.beat()])
    }
    memoryRegistry.failure = undefined
    await beat(first)
    await beat(second)
    await beat(first)
    expect((await inPartition(0)).filter((record) => record === 'writer.close')).toEqual([])
    await Promise.all([first.close(), second.close()])
  })

  it.each([3, 30])('wait with the first tick after an outage of %i s, and not while another writer works', async (outage) => {
    const first = admissionOf()
    await first.start()
    await beat(first)
    const [before] = [await inPartition(0)]
    expect(before).toEqual(['writer.open', 'tick'])
    await first.close()
    clock.advanceBy(outage * 1000)
    const second = admissionOf()
    await second.start()
    for (let n = 0; n < outage - 1; n++) await beat(second)
    expect((await inPartition(0)).slice(2)).toEqual(['tick', 'writer.close', 'writer.open'])
    const third = admissionOf()
    await third.start()
    await beat(third)
    expect((await inPartition(0)).slice(-2)).toEqual(['writer.open', 'tick'])
    await Promise.all([second.close(), third.close()])
  })
})

describe('a wrong clock', () => {
  it.each([3_600_000, -3_600_000])('prevents the start if it is %i ms off', async (offMs) => {
    const admission = admissionOf({ clock: { now: () => clock.now() + offMs } })
    let isReached = false
    const before = async () => {
      isReached = true
    }
    await expect(admission.start(before)).rejects.toMatchObject({ code: 'RONDO_CLOCK_OFF' })
    expect(isReached).toBe(false)
    for (let partition = 0; partition < PARTITIONS; partition++) expect(await inPartition(partition)).toEqual([])
  })

  it('is detected before it becomes a tick, and then nothing more is accepted or written', async () => {
    let offMs = 0
    const admission = admissionOf({ clock: { now: () => clock.now() + offMs } })
    await admission.start()
    await beat(admission)
    offMs = 40_000
    await beat(admission)
    await expect(accept(admission, 'a')).rejects.toMatchObject({ code: 'RONDO_CLOCK_OFF' })
    await beat(admission)
    await admission.close()
    const records = await recordsOf(0)
    expect(records.map(brief)).toEqual(['writer.open', 'tick'])
    expect(instantOf((records[1] as ControlRecord).time)).toBe(START + 1000)
    expect(alarms).toEqual([expect.stringMatching(/40 s ahead of the clock of the log/)])
  })
})
