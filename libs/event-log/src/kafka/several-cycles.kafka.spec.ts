import { describe, expect, it } from '@jest/globals'
import { adminForTests, brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { feedOf, valuesOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { eventually, eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { commitInTurn, positionAt, sampleBatch, sampleOutputs } from '../conformance/samples.ts'
import type { OwnedPartition } from '../event-log.ts'
import { PartitionProducer } from './assignment/partition-producer.ts'
import { namesOfCycles } from './client/cycle-settings.ts'
import { cyclesOf, type KafkaSettings } from './client/kafka-settings.ts'
import { openKafkaLog } from './kafka-log.ts'

const broker = brokerForTests()
const admin = adminForTests(broker)
const cycle = (name: string) => ({ cycle: name, definition: `of ${name}` })
const [listener, musician] = [cycle('listener'), cycle('musician')]

/** The topics of a deployment that exist, without its prefix. */
async function topicsOf({ prefix = '' }: KafkaSettings): Promise<string[]> {
  const names = await admin().listTopics()
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort()
}

const append = async (settings: KafkaSettings, frames: readonly string[]): Promise<void> => {
  const writer = (await openKafkaLog(settings)).writer()
  await writer.append(0, frames)
  await writer.close()
}

/** Joins the group, and waits until partition 0 is taken over for each cycle. */
async function owners(settings: KafkaSettings) {
  const errors: string[] = []
  const reader = (await openKafkaLog(settings)).reader({ onError: ({ message }) => errors.push(message) })
  const owned = new Map<string | undefined, OwnedPartition>()
  await reader.own({ assigned: (partition) => void owned.set(partition.cycle, partition), revoked: () => owned.clear() })
  const until = (count: number) =>
    eventually(
      async () => owned.size,
      (size) => size === count,
    )
  return { reader, owned, errors, until, [Symbol.asyncDispose]: () => reader.close() }
}

const ownerOf = (owned: ReadonlyMap<string | undefined, OwnedPartition>, name: string): OwnedPartition => owned.get(name) as OwnedPartition

describe('a cycle that is added to a log', () => {
  it('gets topics of its own beside those of the first, which stay as they are', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener]))
    await append(settings, ['one'])
    const both = { ...settings, ...namesOfCycles([listener, musician]) }
    await Promise.all([openKafkaLog(both), openKafkaLog(both)])
    const ofListener = ['transitions', 'late', 'checkpoints', 'names']
    const ofMusician = ofListener.map((name) => `${name}.musician`)
    expect(await topicsOf(settings)).toEqual([...ofListener, ...ofMusician, 'activity', 'quarantine', 'writers'].sort())
    // A process with the settings before still runs.
    await openKafkaLog(settings)
  })

  it('is refused if its topics were deleted: it has a position', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener, musician]))
    await append(settings, ['one'])
    {
      await using both = await owners(settings)
      await both.until(2)
      expect(await commitInTurn(ownerOf(both.owned, 'musician'), [[1]])).toEqual(['committed'])
    }
    await admin().deleteTopics({ topics: ['transitions', 'late', 'checkpoints'].map((name) => `${settings.prefix}${name}.musician`) })
    await eventuallyPasses(async () => {
      const failure = await openKafkaLog(settings).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(failure).toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', message: expect.stringContaining(`${settings.prefix}transitions.musician`) })
    })
  })
})

describe('the first cycle', () => {
  it('does not change unnoticed: a cycle with topics of its own does not get those without a cycle', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener, musician]))
    await append(settings, ['one'])
    {
      await using both = await owners(settings)
      await both.until(2)
      await commitInTurn(ownerOf(both.owned, 'musician'), [[1]])
    }
    const other = { ...settings, ...namesOfCycles([musician]) }
    await expect(openKafkaLog(other)).rejects.toMatchObject({
      code: 'RONDO_LOG_MISMATCH',
      message: expect.stringContaining('Set RONDO_FIRST_CYCLE, in all apps'),
    })
    await openKafkaLog({ ...settings, ...namesOfCycles([musician], 'listener') })
    await openKafkaLog({ ...settings, ...namesOfCycles([musician, listener], 'listener') })
  })

  it('does not change unnoticed: a cycle that was folded without its name in topics does not get others', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener]))
    await append(settings, ['one'])
    {
      await using one = await owners(settings)
      await one.until(1)
      await commitInTurn(ownerOf(one.owned, 'listener'), [[1]])
    }
    const other = { ...settings, ...namesOfCycles([musician, listener]) }
    await expect(openKafkaLog(other)).rejects.toMatchObject({ code: 'RONDO_LOG_MISMATCH', message: expect.stringContaining('Set RONDO_FIRST_CYCLE=listener') })
    expect(await topicsOf(settings)).not.toContain('transitions.listener')
  })
})

describe('an owner of a partition', () => {
  it('has a position, outputs and checkpoints for each cycle, and reads the same log for all', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener, musician]))
    await append(settings, ['one', 'two', 'three'])
    {
      await using both = await owners(settings)
      await both.until(2)
      const [first, second] = [ownerOf(both.owned, 'listener'), ownerOf(both.owned, 'musician')]
      const limits = { bytesMax: 1000, waitMs: 1000 }
      const [read, readToo] = await Promise.all([first.read(0, limits), second.read(0, limits)])
      expect(read.map(({ frame }) => frame)).toEqual(['one', 'two', 'three'])
      expect(readToo).toEqual(read)
      expect(await commitInTurn(first, [[1], [2], [3]])).toEqual(['committed', 'committed', 'committed'])
      expect(await commitInTurn(second, [[11]])).toEqual(['committed'])
    }
    await using both = await owners(settings)
    await both.until(2)
    expect(await ownerOf(both.owned, 'listener').committed()).toEqual(positionAt(2))
    expect(await ownerOf(both.owned, 'musician').committed()).toEqual(positionAt(0))
    const seqs = await Promise.all(cyclesOf(settings).map(async (one) => (await feedOf(one, 0)).map((output) => JSON.parse(output).seq)))
    expect(seqs).toEqual([[1, 2, 3], [11]])
    const groups = await Promise.all(
      (await openKafkaLog(settings)).cycles.map(async (log) => {
        const positions = log.groupPositions()
        return positions.positions().finally(() => positions.close())
      }),
    )
    expect(groups.map(([position]) => position?.offset)).toEqual([2, 0])
  })

  it('that loses one cycle keeps the others, and takes it again', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener, musician]))
    await append(settings, ['one', 'two'])
    await using both = await owners(settings)
    await both.until(2)
    const [first, second] = [ownerOf(both.owned, 'listener'), ownerOf(both.owned, 'musician')]
    const ofMusician = cyclesOf(settings)[1] as KafkaSettings
    const other = await PartitionProducer.initialise(ofMusician, 0)
    expect(await commitInTurn(second, [[11]])).toEqual(['lost'])
    expect(await commitInTurn(first, [[1], [2]])).toEqual(['committed', 'committed'])
    await other.discard()
    const again = await eventually(
      async () => ownerOf(both.owned, 'musician'),
      (owned) => owned !== second,
    )
    expect(await commitInTurn(again, [[11]])).toEqual(['committed'])
    expect(ownerOf(both.owned, 'listener')).toBe(first)
  })

  it('puts entries that no cycle can read into quarantine once', async () => {
    const settings = trialSettings(broker(), namesOfCycles([listener, musician]))
    await append(settings, ['no JSON'])
    await using both = await owners(settings)
    await both.until(2)
    const refused = {
      code: 'RONDO_RECORD_INVALID',
      reason: 'it is not JSON',
      where: 'activity',
      refusedAt: null,
      raw: 'no JSON',
      id: 'activity-0-0-0',
      form: 'event' as const,
    }
    for (const name of ['listener', 'musician']) {
      const outcome = await ownerOf(both.owned, name).commit(sampleBatch({ quarantine: [refused], outputs: sampleOutputs([1]) }))
      expect(outcome).toBe('committed')
    }
    const feeds = await Promise.all(cyclesOf(settings).map((one) => feedOf(one, 0)))
    expect(feeds.map((feed) => feed.length)).toEqual([1, 1])
    expect((await valuesOf(settings, 'quarantine', 0)).map((value) => JSON.parse(value).id)).toEqual(['activity-0-0-0'])
  })
})
