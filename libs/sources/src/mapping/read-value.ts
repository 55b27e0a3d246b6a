import { readJson } from '../rows/read-json.ts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject } from '../rows/source-row.ts'
import type { ReadRecord, SourceRecord } from './source-record.ts'

/** A larger record is not parsed: its event could have at most 64 KB, and parsing would delay its partition. */
const RECORD_BYTES_MAX = 1_048_576
/** Serializers of schema registries put a zero and the schema's number before the JSON. */
const REGISTRY_BYTES = 5

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The parsed JSON of a record's value, or the reason why it is refused. */
export function readValue(record: SourceRecord): ReadRecord | Refusal {
  const { value: bytes } = record
  if (bytes === null) return invalidEvent('expected a value, found none (a tombstone)')
  if (bytes.length > RECORD_BYTES_MAX)
    return new Refusal('RONDO_EVENT_TOO_LARGE', `expected a record of at most ${RECORD_BYTES_MAX} bytes, found ${bytes.length}`)
  const json = bytes[0] === 0 ? bytes.subarray(REGISTRY_BYTES) : bytes
  try {
    return { value: readJson(decoder.decode(json)), record }
  } catch (error) {
    return invalidEvent(`expected JSON in UTF-8: ${(error as Error).message}`)
  }
}

const CE = 'ce_'

/**
 * A CloudEvent as one object. In structured mode it is the value of the record; in binary mode its attributes are in headers and its data in
 * the value. See the Kafka protocol binding of CloudEvents 1.0.
 */
export function readCloudEvent(record: SourceRecord): ReadRecord | Refusal {
  const attributes = Object.entries(record.headers).filter(([name]) => name.startsWith(CE))
  if (attributes.length === 0) {
    const read = readValue(record)
    if (read instanceof Refusal) return read
    return isJsonObject(read.value) && typeof read.value.specversion === 'string' ? read : invalidEvent('expected a CloudEvent, an object with a specversion')
  }
  const event: JsonObject = Object.fromEntries(attributes.map(([name, text]) => [name.slice(CE.length), text]))
  if (record.value === null || record.value.length === 0) return { value: event, record }
  const data = readValue(record)
  return data instanceof Refusal ? data : { value: { ...event, data: data.value }, record }
}
