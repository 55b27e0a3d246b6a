import type { Message } from 'kafkajs'
import type { CommitBatch } from '../../event-log.ts'
import { nameKey } from '../../name-key.ts'
import type { TopicName } from '../client/topics.ts'
import { tracedHeaders } from '../log/trace-headers.ts'
import { type StoredValue, valueRecords } from './checkpoint-records.ts'

/** The version of the JSON in `transitions`, `late` and `quarantine`, in a header of each record; another number means another schema. */
export const SCHEMA = { schema: '1' }
/** The size of one request: a broker accepts batches of two megabytes, and both sides handle a batch as a whole. */
const REQUEST_BYTES = 1_000_000
/** The limit of records in one request: small outputs would fill a request with tens of thousands of them. */
const REQUEST_RECORDS = 4000

/** The records of one request of a transaction, for a partition of some topics. */
export type BatchRequest = Partial<Record<TopicName, Message[]>>

/**
 * The records of a batch, all for one partition, divided into requests in their order; made while they are sent, so that a large batch is
 * not in memory twice.
 * @param values checkpoints, and the partition metadata if it is too large to be stored beside the offset
 * @param piecesBefore the number of records of each value when it was last written
 */
export function* batchRequests(batch: CommitBatch, values: readonly StoredValue[], piecesBefore: (name: string) => number): Generator<BatchRequest> {
  let request: BatchRequest = {}
  let bytes = 0
  let records = 0
  for (const [topic, message] of batchRecords(batch, values, piecesBefore)) {
    const size = message.value === null ? 0 : Buffer.byteLength(message.value)
    if (records > 0 && (bytes + size > REQUEST_BYTES || records >= REQUEST_RECORDS)) {
      yield request
      request = {}
      bytes = records = 0
    }
    const messages = request[topic] ?? []
    messages.push(message)
    request[topic] = messages
    bytes += size
    records += 1
  }
  if (records > 0) yield request
}

function* batchRecords(batch: CommitBatch, values: readonly StoredValue[], piecesBefore: (name: string) => number): Generator<[TopicName, Message]> {
  const headers = tracedHeaders(SCHEMA, batch.trace === undefined ? undefined : [batch.trace])
  for (const output of batch.outputs) yield ['transitions', { key: output.actor.id, value: JSON.stringify(output), headers }]
  for (const late of batch.late) yield ['late', { key: late.event.actor.id, value: JSON.stringify(late), headers: SCHEMA }]
  for (const refused of batch.quarantine) yield ['quarantine', { key: null, value: JSON.stringify(refused), headers: SCHEMA }]
  for (const name of batch.names) yield ['names', { key: nameKey(name), value: JSON.stringify(name), headers: SCHEMA }]
  for (const value of values) for (const record of valueRecords(value, piecesBefore(value.name))) yield ['checkpoints', record]
}
