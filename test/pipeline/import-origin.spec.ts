import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type ActivityEvent, type CycleDefinition, formatInstant, type Output } from '#contracts'
import { compileCycle } from '#cycle'
import { ActivityLog, Backfill, type DataFolder, type OwnedPartition, openDataFolder } from '#event-log'
import { runPartition } from '#pipeline'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'

/** Like the fixture presence-30d, with a grace period. */
const presence: CycleDefinition = {
  cycle: 'presence',
  version: 1,
  actor: 'user',
  grace: '1h',
  stages: [
    { id: 'here', kind: 'active', absence: '30d', warning: 0.5 },
    { id: 'away', kind: 'lapsed' },
  ],
  signals: { visit: { event: '*' } },
  transitions: [
    { id: 'came', from: ['start', 'away'], to: 'here', trigger: 'visit' },
    { id: 'left', from: 'here', to: 'away', trigger: 'absence' },
  ],
}
const cycle = compileCycle(presence)
const HISTORY = [
  ['ann', '2026-08-20'],
  ['bob', '2026-09-01'],
] as const

let home: TemporaryFolder
let folder: DataFolder
let log: ActivityLog
let clock: SimulatedClock

beforeEach(() => {
  home = temporaryFolder()
  folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
  log = new ActivityLog(folder.writer)
  clock = new SimulatedClock(Date.parse('2026-09-02T00:00:00Z'))
})
afterEach(async () => {
  jest.useRealTimers()
  await folder.close()
  home[Symbol.dispose]()
})

const backfillOf = (options: Partial<ConstructorParameters<typeof Backfill>[0]> = {}): Backfill => new Backfill({ log, clock, graceMs: 3_600_000, ...options })
const visit = (actor: string, day: string): ActivityEvent => {
  const time = formatInstant(Date.parse(day))
  return { id: `${actor} ${day}`, type: 'track', event: 'Visit', actor: { type: 'user', id: actor }, time, receivedAt: time }
}
const until = (day: string): void => clock.advanceTo(Date.parse(day))

/** An import whose rows are in the log and which ends on a given day. */
async function imported(rows: readonly (readonly [string, string])[], end: string, source = 'rows'): Promise<void> {
  const backfill = backfillOf()
  const { id } = await backfill.begin({ source, firstTime: Date.parse(rows[0]?.[1] ?? '') })
  await backfill.put(id, { first: 0, rows: rows.map(([actor, day]) => visit(actor, day)) })
  until(end)
  await backfill.end(id)
}

const control = (record: 'tick' | 'writer.open' | 'backfill.end', day: string, writer = 'ingest'): string =>
  JSON.stringify({ record, writer, time: formatInstant(Date.parse(day)) })
async function write(...lines: string[]): Promise<void> {
  await log.write(() => ({ lines, change: {} }))
}

/** Folds the log from the checkpoints of the previous fold. */
async function fold(): Promise<void> {
  const reader = folder.reader()
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const read: OwnedPartition['read'] = async (offset, limits) => {
    const records = await owned.read(offset, { ...limits, waitMs: 0 })
    if (records.length === 0 && limits.waitMs > 0) end.abort()
    return records
  }
  const { partition, ...rest } = {
    partition: owned.partition,
    partitions: owned.partitions,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
  }
  const bound = { partition, ...rest, names: () => owned.names(), checkpoints: () => owned.checkpoints(), commit: owned.commit.bind(owned), read }
  // With a round of 1 each entry of the log writes all buckets, so that the next fold is restored from them.
  await runPartition(bound, cycle, { signal: end.signal, limits: { checkpointRound: 1 } })
  await reader.close()
}

async function feed(): Promise<string[]> {
  const reader = folder.stateReader()
  const outputs = (await reader.read(0, 1000)).map(({ output }) => JSON.parse(output) as Output)
  reader.close()
  return outputs.map(({ actor, kind, at, origin }) => `${actor.id} ${kind} ${at.slice(0, 10)} ${origin}`)
}

const BOTH_AWAY = [
  'ann advance 2026-08-20 backfill',
  'bob advance 2026-09-01 backfill',
  'ann notice 2026-09-04 backfill',
  'bob notice 2026-09-16 backfill',
  'ann disengage 2026-09-19 backfill',
  'bob disengage 2026-10-01 backfill',
]

describe('a deadline between the last row of an import and its end', () => {
  it('is history, although a live tick fires it', async () => {
    await imported(HISTORY, '2026-11-15')
    await write(control('writer.open', '2026-11-15'), control('tick', '2026-11-16'))
    await fold()
    expect(await feed()).toEqual(BOTH_AWAY)
  })

  it('is history, although the fold was restored from checkpoints before the tick came', async () => {
    await imported(HISTORY, '2026-11-15')
    await fold()
    expect(await feed()).toEqual(BOTH_AWAY.slice(0, 2))
    await fold()
    await write(control('writer.open', '2026-11-15'), control('tick', '2026-11-16'))
    await fold()
    expect(await feed()).toEqual(BOTH_AWAY)
  })

  it('is history only if it is before the end of the import', async () => {
    await imported(HISTORY, '2026-09-19')
    await write(control('writer.open', '2026-09-19'), control('tick', '2026-11-16'))
    await fold()
    expect((await feed()).slice(2)).toEqual([
      'ann notice 2026-09-04 backfill',
      'bob notice 2026-09-16 backfill',
      'ann disengage 2026-09-19 live',
      'bob disengage 2026-10-01 live',
    ])
  })

  it('is history if a live event fires it, and the output of that event is live', async () => {
    await imported(HISTORY, '2026-11-15')
    await write(control('writer.open', '2026-11-15'), JSON.stringify(visit('ann', '2026-11-16')))
    await fold()
    expect((await feed()).slice(2)).toEqual(['ann notice 2026-09-04 backfill', 'ann disengage 2026-09-19 backfill', 'ann return 2026-11-16 live'])
  })

  it('is history if the import was ended because its importer sent no rows', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'Date', 'performance'] })
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const backfill = backfillOf({ onEnded: resolve })
    const { id } = await backfill.begin({ source: 'rows', firstTime: Date.parse('2026-08-20') })
    await backfill.put(id, { first: 0, rows: HISTORY.map(([actor, day]) => visit(actor, day)) })
    until('2026-11-15')
    jest.advanceTimersByTime(15 * 60_000)
    expect(await promise).toMatchObject({ stalled: true })
    jest.useRealTimers()
    await write(control('writer.open', '2026-11-15'), control('tick', '2026-11-16'))
    await fold()
    expect(await feed()).toEqual(BOTH_AWAY)
  })

  it('is not affected by an end without an import', async () => {
    await imported(HISTORY, '2026-09-10')
    await write(control('backfill.end', '2026-12-01', 'never-begun'), control('writer.open', '2026-09-10'), control('tick', '2026-11-16'))
    await fold()
    expect((await feed()).slice(2).map((line) => line.split(' ').at(-1))).toEqual(['backfill', 'live', 'live', 'live'])
  })

  it('is history for the deadlines of a second import, and live between two imports', async () => {
    await imported([['ann', '2026-08-20']], '2026-09-10')
    await write(control('writer.open', '2026-09-10'), control('tick', '2026-09-25'))
    await fold()
    await imported([['bob', '2026-09-25']], '2026-11-15', 'more rows')
    await write(control('tick', '2026-11-16'))
    await fold()
    expect(await feed()).toEqual([
      'ann advance 2026-08-20 backfill',
      'ann notice 2026-09-04 backfill',
      'ann disengage 2026-09-19 live',
      'bob advance 2026-09-25 backfill',
      'bob notice 2026-10-10 backfill',
      'bob disengage 2026-10-25 backfill',
    ])
  })
})
