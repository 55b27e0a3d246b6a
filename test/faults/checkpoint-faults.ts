import type { Message } from 'kafkajs'
import { valueRecords } from '../../libs/event-log/src/kafka/checkpoints/checkpoint-records.ts'
import type { FetchedRecord } from '../../libs/event-log/src/kafka/client/kafka-client.ts'
import type { Fault } from './fault.ts'
import { RawTopic } from './raw-topic.ts'
import { PARTITIONS, type Trial } from './trial.ts'

/** What is written in the place of a record. */
type Damage = (record: FetchedRecord, trial: Trial) => Message[]

/** Appends damaged records with the keys of existing records to the topic, so that the damaged records are the newest. */
function damageFault(name: string, damage: Damage): Fault {
  return {
    name: `newest checkpoint records are ${name}`,
    async run(trial) {
      await whileDown(trial, async (checkpoints, partition) => {
        const newest = new Map((await checkpoints.records(partition)).map((record) => [String(record.key), record]))
        const chosen = [...newest.values()].filter(({ value }) => value !== null && trial.random.share() < 0.3)
        await checkpoints.write(
          partition,
          chosen.flatMap((record) => damage(record, trial)),
        )
      })
    },
  }
}

const copyOf = ({ key, headers }: FetchedRecord, value: Buffer | null): Message => ({ key, value, headers: headers as NonNullable<Message['headers']> })

const corrupted = damageFault('corrupted', (record, { random }) => {
  const bytes = Buffer.from(record.value as Buffer)
  const at = random.between(0, Math.max(0, bytes.length - 1))
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7))
  return [copyOf(record, bytes)]
})

const truncated = damageFault('truncated', (record, { random }) => {
  const bytes = record.value as Buffer
  return [copyOf(record, bytes.subarray(0, random.between(0, bytes.length)))]
})

const ofLaterPosition = damageFault('of a later position than the committed one', (record) => {
  const [name = ''] = String(record.key).split('/')
  const metadata = JSON.parse(String(record.headers['stamp'])) as { position?: { offset: number } }
  if (metadata.position === undefined) return []
  const later = JSON.stringify({ ...metadata, position: { ...metadata.position, offset: metadata.position.offset + 1_000_000 } })
  return valueRecords({ name, metadata: later, bytes: record.value as Buffer }, 0)
})

const missing: Fault = {
  name: 'some or all checkpoint records are deleted',
  async run(trial) {
    await whileDown(trial, async (checkpoints, partition) => {
      const offsets = (await checkpoints.records(partition)).map(({ offset }) => Number(offset))
      await checkpoints.deleteBefore(partition, trial.random.pick([-1, offsets[Math.floor(trial.random.share() * offsets.length)] ?? -1]))
    })
  },
}

/** Changes each partition's checkpoints while no processor runs. */
async function whileDown(trial: Trial, work: (checkpoints: RawTopic, partition: number) => Promise<void>): Promise<void> {
  // The wait is long enough for one checkpoint of every bucket.
  await trial.wait(4000)
  await Promise.all(trial.of('processor').map((process) => trial.retire(process)))
  const checkpoints = new RawTopic(trial, 'checkpoints')
  for (let partition = 0; partition < PARTITIONS; partition++) await work(checkpoints, partition)
  await trial.start('processor', 2)
  await trial.wait(500)
}

/** Faults of stored checkpoints. */
export const checkpointFaults: readonly Fault[] = [corrupted, truncated, ofLaterPosition, missing]
