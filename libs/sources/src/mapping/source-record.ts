import type { Instant } from '#contracts'

/** A record of a topic of another system, as the broker gave it. */
export interface SourceRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds; 0 or negative if the record has no timestamp. */
  readonly timestamp: Instant
  /** Whether the timestamp is the broker's, of the append; otherwise it is the producer's. */
  readonly isAppendTime: boolean
}

/** A record whose value has been read. */
export interface ReadRecord {
  readonly value: unknown
  readonly record: SourceRecord
}

/** The place of a record, for people. */
export function placeOf({ topic, partition, offset }: Pick<SourceRecord, 'topic' | 'partition' | 'offset'>): string {
  return `topic ${topic}, partition ${partition}, offset ${offset}`
}
