import { crc32 } from 'node:zlib'
import type { Message } from 'kafkajs'
import type { FetchedRecord } from '../client/kafka-client.ts'

/** A value that is replaced as a whole, written as one record or several: the checkpoint of a bucket, or partition metadata. */
export interface StoredValue {
  readonly name: string
  readonly metadata: string
  readonly bytes: Uint8Array
}

/** A broker accepts records of about a megabyte, and a batch is at least as large as its largest record. */
const PIECE_BYTES = 512 * 1024

/** The number of records of a value: at least one, since an empty value differs from no value. */
export function pieceCountOf({ bytes }: StoredValue): number {
  return Math.max(1, Math.ceil(bytes.length / PIECE_BYTES))
}

/**
 * The records of a value, keyed by its name and their number, so that compaction keeps the newest of each. Every record has the
 * metadata (in the header `stamp`), the number of records and the checksum of the whole value, so a mixture of two values is recognized.
 * @param before the number of records of the value when it was last written: surplus ones are deleted
 */
export function valueRecords(value: StoredValue, before: number): Message[] {
  const pieces = pieceCountOf(value)
  const headers = { stamp: value.metadata, pieces: String(pieces), checksum: String(checksumOf(value)) }
  const records: Message[] = Array.from({ length: pieces }, (_, i) => ({
    key: `${value.name}/${i}`,
    value: Buffer.from(value.bytes.buffer, value.bytes.byteOffset + i * PIECE_BYTES, Math.min(PIECE_BYTES, value.bytes.length - i * PIECE_BYTES)),
    headers,
  }))
  for (let i = pieces; i < before; i++) records.push({ key: `${value.name}/${i}`, value: null })
  return records
}

/** A value of which not all records have been read yet. */
interface IncompleteValue {
  readonly metadata: string
  readonly pieces: number
  readonly checksum: number
  readonly parts: Buffer[]
}

/**
 * Puts values together from records in the order of the log. The newest complete value of each name is used; a value that is
 * damaged, incomplete or mixed is skipped for the one before it.
 */
export class ValueAssembly {
  readonly #complete = new Map<string, StoredValue>()
  readonly #incomplete = new Map<string, IncompleteValue>()
  /** The names of values whose newest records were skipped. Compaction may keep some records of an old value; it always keeps all records of the newest value. */
  readonly damaged = new Set<string>()

  /** Adds the next record. Records of other programs, whose key has another form, are ignored. */
  add(record: FetchedRecord): void {
    const [, name, at] = /^(.+)\/(\d+)$/.exec(record.key?.toString() ?? '') ?? []
    if (name === undefined || record.value === null) return
    const incomplete = this.#withPiece(name, Number(at), record)
    if (incomplete === undefined) return void this.damaged.add(name)
    if (incomplete.parts.length < incomplete.pieces) return
    this.#incomplete.delete(name)
    const value: StoredValue = { name, metadata: incomplete.metadata, bytes: Buffer.concat(incomplete.parts) }
    if (checksumOf(value) !== incomplete.checksum) return void this.damaged.add(name)
    this.#complete.set(name, value)
    this.damaged.delete(name)
  }

  get(name: string): StoredValue | undefined {
    return this.#complete.get(name)
  }

  /** The number of records of each complete value. */
  *pieces(): Generator<[string, number]> {
    for (const [name, value] of this.#complete) yield [name, pieceCountOf(value)]
  }

  /** Gives the complete values, each once. */
  *drain(): Generator<StoredValue> {
    for (const [name, value] of this.#complete) {
      this.#complete.delete(name)
      yield value
    }
  }

  #withPiece(name: string, at: number, { headers, value }: FetchedRecord): IncompleteValue | undefined {
    const [metadata, pieces, checksum] = [headers['stamp'], headers['pieces'], headers['checksum']].map(String)
    const begun = at === 0 ? { metadata: metadata ?? '', pieces: Number(pieces), checksum: Number(checksum), parts: [] } : this.#incomplete.get(name)
    const fits = begun !== undefined && begun.metadata === metadata && begun.parts.length === at && begun.checksum === Number(checksum)
    if (!fits || value === null) {
      this.#incomplete.delete(name)
      return undefined
    }
    begun.parts.push(value)
    this.#incomplete.set(name, begun)
    return begun
  }
}

function checksumOf({ name, metadata, bytes }: StoredValue): number {
  return crc32(bytes, crc32(`${name} ${metadata}`))
}
