import { z } from 'zod'
import { EventBuffer, type KafkaLog } from '#event-log'
import { integer } from '#process'
import type { KafkaBuffer } from './kafka-ingest-log.ts'

const BYTES_LIMIT = 2 ** 40
const BYTES_DEFAULT = 2 ** 30

/** Where events wait while the log does not answer. */
export const bufferSettings = {
  buffer: z
    .string()
    .prefault('')
    .describe(
      'a folder of this process alone, in which accepted events wait while a partition of the log does not answer; without it clients get 503 meanwhile',
    ),
  bufferBytesMax: integer(1_000_000, BYTES_LIMIT)
    .prefault(String(BYTES_DEFAULT))
    .describe('how many bytes of events the buffer may hold; one partition gets half of it at most, and clients get 503 beyond it'),
}

/** The values of the settings that the buffer depends on. */
export interface BufferConfiguration {
  readonly buffer: string
  readonly bufferBytesMax: number
  readonly prefix: string
  readonly partitions: number
}

/**
 * Opens the buffer of this process, if it has one.
 * @throws RondoError RONDO_DATA_LOCKED, _FOREIGN, _MISMATCH (of another cluster, prefix, or number of partitions), _CORRUPT, _FULL, _UNREADABLE
 */
export async function openBuffer(
  kafka: KafkaLog,
  { buffer: folder, bufferBytesMax, prefix, partitions }: BufferConfiguration,
): Promise<KafkaBuffer | undefined> {
  if (folder === '') return undefined
  const identity = { cluster: await kafka.clusterId(), prefix, partitions: String(partitions) }
  const buffer = new EventBuffer({ folder, bytesMax: bufferBytesMax, identity })
  return { buffer, tail: (topic, partition, from) => kafka.tail(topic, partition, from) }
}
