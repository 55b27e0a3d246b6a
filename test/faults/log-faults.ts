import { type Output, type QuarantineRecord } from '#contracts'
import { feedOf, valuesOf } from '../fixtures/broker/log-contents.ts'
import type { Fault } from './fault.ts'
import { repeatedIds } from './feed-defects.ts'
import { waitForText } from './processor-faults.ts'
import { RawTopic } from './raw-topic.ts'
import { PARTITIONS, type Trial } from './trial.ts'

/** In bytes: a little less than the largest size of a record. */
const LARGE = 1_900_000
const UNREADABLE: readonly (Buffer | null)[] = [
  null,
  ...['', '{"id":"half', 'plain words', '[1,2]', '17', '{"record":"tick"}', '{"record":"writer.ajar","writer":"w"}', '{"id":"e","event":"Beat"}'].map((text) =>
    Buffer.from(text),
  ),
  Buffer.from([0xff, 0xfe, 0, 1, 2]),
  Buffer.alloc(LARGE, 'x'),
]

const poisoned: Fault = {
  name: 'another program writes unreadable records and aborted transactions into the log',
  async run(trial) {
    const activity = new RawTopic(trial, 'activity')
    const places: string[] = []
    for (const value of trial.random.shuffled(UNREADABLE)) {
      const partition = trial.random.between(0, PARTITIONS - 1)
      const [offset] = await activity.write(partition, [{ value }])
      places.push(`activity partition ${partition}, offset ${offset}, index 0`)
      await activity.abort(partition, [{ value: beatOf('ghost', trial.random.share()) }, { value: Buffer.from('aborted') }])
      await trial.wait(0, 150)
    }
    const partition = trial.random.between(0, PARTITIONS - 1)
    const mixed = ['not JSON', beatOf('survivor', 1), '{}'].join('\n')
    const [offset] = await activity.write(partition, [{ value: mixed }, { value: beatOf('large', 1, 'y'.repeat(LARGE)) }])
    places.push(...[0, 2].map((index) => `activity partition ${partition}, offset ${offset}, index ${index}`))
    await waitForTopic(trial, 'quarantine', (quarantined) => {
      const refused = new Set(quarantined.map((text) => (JSON.parse(text) as QuarantineRecord).where))
      return places.filter((place) => !refused.has(place)).map((place) => `${place} was not refused`)
    })
    await waitForTopic(trial, 'transitions', (outputs) => {
      const actors = new Set(outputs.map((text) => (JSON.parse(text) as Output).actor.id))
      const missing = ['survivor', 'large'].filter((actor) => !actors.has(actor)).map((actor) => `the good event of ${actor} was not folded`)
      return actors.has('ghost') ? [...missing, 'an event of an aborted transaction was folded'] : missing
    })
  },
}

const control = (record: string, writer: string, time: string): string => JSON.stringify({ record, writer, time })

/** Checks that every record of the other program is in quarantine, with its partition, offset and index. */
const forged: Fault = {
  name: 'another program writes ticks of the future, imports, and events of 2199 into the log',
  async run(trial) {
    const activity = new RawTopic(trial, 'activity')
    const places: string[] = []
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const future = new Date(Date.now() + trial.random.pick([600_000, 3_600_000, 86_400_000])).toISOString()
      const ticks = openIn(await valuesOf(trial.settings, 'activity', partition)).map((writer) => control('tick', writer, future))
      const frames = trial.random.shuffled([
        ticks.join('\n'),
        control('backfill.begin', 'history', new Date().toISOString()),
        control('writer.eject', 'history', new Date().toISOString()),
        `${control('tick', 'ingest', 'tomorrow')}\n${control('tick', 'ingest', '2026-02-30T00:00:00.000Z')}`,
        beatOf('time-traveller', 1).replaceAll(/"\d{4}-/g, '"2199-'),
      ])
      for (const frame of frames) {
        const [offset] = await activity.write(partition, [{ value: frame }])
        places.push(...frame.split('\n').map((_, index) => `activity partition ${partition}, offset ${offset}, index ${index}`))
        await trial.wait(0, 100)
      }
    }
    await waitForTopic(trial, 'quarantine', (quarantined) => {
      const refused = new Set(quarantined.map((text) => (JSON.parse(text) as QuarantineRecord).where))
      return places.filter((place) => !refused.has(place)).map((place) => `${place} was not refused`)
    })
    await waitForText(trial, 'the processors', () => trial.of('processor').reduce((all, process) => all + process.output, ''), /RONDO_RECORD_FOREIGN/)
    // New processors fold the log again. The verifier checks that they refuse the same records.
    for (const process of trial.of('processor')) await trial.kill(process)
    await trial.start('processor', 2)
  },
}

function openIn(frames: readonly string[]): string[] {
  const records = frames.flatMap((frame) => frame.split('\n')).map((line) => JSON.parse(line) as { record?: string; writer: string })
  return [...new Set(records.filter(({ record }) => record === 'writer.open').map(({ writer }) => writer))]
}

/** Reads the topic until its values have no defect. Reports the defects if they remain. */
async function waitForTopic(trial: Trial, topic: 'quarantine' | 'transitions', defectsIn: (values: readonly string[]) => string[]): Promise<void> {
  for (let polls = 0; ; polls++) {
    const values = (await Promise.all([0, 1, 2].map((partition) => valuesOf(trial.settings, topic, partition)))).flat()
    const found = defectsIn(values)
    if (found.length === 0) return
    if (polls > 50) return void trial.defects.push(...found)
    await trial.wait(300)
  }
}

function beatOf(actor: string, number: number, padding?: string): string {
  const now = new Date().toISOString()
  const properties = padding === undefined ? {} : { properties: { padding } }
  return JSON.stringify({
    id: `${actor}-${number}`,
    type: 'track',
    event: 'Beat',
    actor: { type: 'user', id: actor },
    time: now,
    receivedAt: now,
    ...properties,
  })
}

const deleted: Fault = {
  name: 'the log is deleted up to the committed position, which is later than the oldest checkpoint',
  isFinal: true,
  async run(trial) {
    const activity = new RawTopic(trial, 'activity')
    const partition = trial.random.between(0, PARTITIONS - 1)
    await Promise.all(trial.of('processor').map((process) => trial.retire(process)))
    await activity.deleteBefore(partition, await activity.committed(partition))
    const before = await feedOf(trial.settings, partition)
    const successor = trial.launch('processor')
    trial.mayEnd(successor)
    await waitForText(trial, 'the processor', () => successor.output, /RONDO_LOG_INCOMPLETE/)
    await successor.kill()
    const after = await feedOf(trial.settings, partition)
    if (after.length !== before.length) trial.defects.push(`${after.length - before.length} outputs were published although the state was lost`)
  },
}

/** The number of buckets of a partition's state. Each has a checkpoint of its own. */
const BUCKETS = 256

/** The offset of the oldest checkpoint, from which a restore folds; undefined until every bucket has one. */
async function oldestCheckpoint(checkpoints: RawTopic, partition: number): Promise<number | undefined> {
  const offsets = new Map<string, number>()
  for (const { key, headers } of await checkpoints.records(partition)) {
    const metadata = JSON.parse(String(headers['stamp'] ?? '{}')) as { position?: { offset: number } }
    if (metadata.position !== undefined) offsets.set(String(key), metadata.position.offset)
  }
  return offsets.size < BUCKETS ? undefined : Math.min(...offsets.values())
}

const retained: Fault = {
  name: 'the retention deletes the log up to the oldest checkpoint',
  isFinal: true,
  async run(trial) {
    const [activity, checkpoints] = [new RawTopic(trial, 'activity'), new RawTopic(trial, 'checkpoints')]
    const partition = trial.random.between(0, PARTITIONS - 1)
    for (let polls = 0; (await oldestCheckpoint(checkpoints, partition)) === undefined && polls < 100; polls++) await trial.wait(300)
    await Promise.all(trial.of('processor').map((process) => trial.retire(process)))
    const oldest = await oldestCheckpoint(checkpoints, partition)
    if (oldest === undefined || oldest === 0) return void trial.defects.push(`the oldest checkpoint is at ${oldest}, so the trial is not valid`)
    await activity.deleteBefore(partition, oldest)
    const before = await feedOf(trial.settings, partition)
    await trial.start('processor', 2)
    for (let polls = 0; polls < 100 && (await feedOf(trial.settings, partition)).length <= before.length; polls++) await trial.wait(300)
    const after = await feedOf(trial.settings, partition)
    if (after.length <= before.length) {
      const outputs = trial.of('processor').map((process) => process.output.slice(-800))
      trial.defects.push(
        `nothing was published after the restore, committed is ${await activity.committed(partition)}; the processors wrote ${outputs.join('\n')}`,
      )
    }
    if (JSON.stringify(after.slice(0, before.length)) !== JSON.stringify(before))
      trial.defects.push('outputs that had been published are no longer in the feed')
    trial.defects.push(...repeatedIds(after.map((output) => JSON.parse(output) as Output)))
  },
}

/** Faults of what is in the log. */
export const logFaults: readonly Fault[] = [poisoned, forged, deleted, retained]
