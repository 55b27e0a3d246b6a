import { readFileSync } from 'node:fs'
import type { ActivityEvent, ControlRecord } from '#contracts'
import { type CompiledCycle, compileCycle, PartitionFold, readDefinition } from '#cycle'
import { type KafkaSettings, type LogRecord, openKafkaLog } from '#event-log'
import { decodeRecord } from '#pipeline'
import { newCluster } from '../../libs/event-log/src/kafka/client/kafka-client.ts'
import { type TopicName, topicOf } from '../../libs/event-log/src/kafka/client/topics.ts'
import { PartitionLog } from '../../libs/event-log/src/kafka/log/partition-log.ts'

export function cycleOf(file: string): CompiledCycle {
  const { definition, defects } = readDefinition(readFileSync(file, 'utf8'), file)
  if (definition === undefined) throw new TypeError(JSON.stringify(defects))
  return compileCycle(definition)
}

/** The values of a partition of a topic, from its beginning to where it ends now. */
export async function valuesOf(settings: KafkaSettings, topic: TopicName, partition: number): Promise<string[]> {
  const cluster = newCluster(settings)
  const values: string[] = []
  try {
    for await (const { value } of new PartitionLog(cluster, topicOf(settings, topic), partition).all(() => true)) values.push(String(value))
  } finally {
    await cluster.disconnect()
  }
  return values
}

/** The records of a partition of `activity`, from its beginning to where it ends now. */
export async function logOf(settings: KafkaSettings, partition: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const record of (await openKafkaLog(settings)).records(partition)) records.push(record)
  return records
}

/** What the fold says of a log, as the JSON of its outputs. */
export function folded(records: readonly LogRecord[], cycle: CompiledCycle, generation = 1): string[] {
  const outputs: string[] = []
  const fold = new PartitionFold(cycle, { output: (output) => outputs.push(JSON.stringify(output)), late() {} }, { generation })
  for (const entry of records.flatMap(decodeRecord)) {
    if (entry.kind === 'control') fold.applyControl(entry.record)
    else if (entry.kind === 'event') fold.applyEvent(entry.event)
    fold.fireDue()
  }
  return outputs
}

export type LogEntry = ActivityEvent | ControlRecord
export const entriesOf = (frames: readonly string[]): LogEntry[] => frames.flatMap((frame) => frame.split('\n').map((line) => JSON.parse(line)))

/** The whole feed of a partition, all of whose transactions are decided. */
export async function feedOf(settings: KafkaSettings, partition: number): Promise<string[]> {
  const feed = (await openKafkaLog(settings)).feed(partition)
  try {
    await feed.settled()
    const outputs: string[] = []
    for (let after = 0; ; ) {
      const page = await feed.read(after, 10_000)
      if (page.length === 0) return outputs
      outputs.push(...page.map(({ output }) => output))
      after = page.at(-1)?.cursor ?? after
    }
  } finally {
    await feed.close()
  }
}
