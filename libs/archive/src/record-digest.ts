import { createHash, type Hash } from 'node:crypto'
import type { LogRecord } from '#event-log'

/** SHA-256 over records: what an archive must give back exactly, whatever bytes its files have. */
export class RecordDigest {
  readonly #hash: Hash = createHash('sha256')

  add({ offset, appendedAt, frame }: LogRecord): void {
    const bytes = Buffer.from(frame)
    // The length keeps the text apart from the next record.
    this.#hash.update(`${offset} ${appendedAt ?? '-'} ${bytes.length}\n`).update(bytes)
  }

  hex(): string {
    return this.#hash.digest('hex')
  }
}

/** The digest of one record. */
export function digestOf(record: LogRecord): string {
  const digest = new RecordDigest()
  digest.add(record)
  return digest.hex()
}
