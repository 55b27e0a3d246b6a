import { crc32 } from 'node:zlib'
import { formatInstant, type Instant } from '#contracts'

/** How many refused lines an answer names; all are in quarantine. */
const NAMED_MAX = 20

/** A refused line of an upload. */
export interface RefusedLine {
  readonly line: number
  readonly code: string
  readonly message: string
}

/** What has become of the rows of an upload so far. */
export class UploadTally {
  /** Lines that are not empty. */
  rows = 0
  accepted = 0
  refused = 0
  /** Rows that an earlier upload of the same source put into the log, refused ones included. */
  copies = 0
  /** Accepted rows that come so long after newer ones that the fold will find them late. */
  late = 0
  /** Over all rows so far: two uploads with the same one have the same rows. */
  checksum = 0
  readonly #named: RefusedLine[] = []
  #from: Instant = Number.POSITIVE_INFINITY
  #newest: Instant = Number.NEGATIVE_INFINITY

  /** Counts a row of the input. */
  read(text: string): void {
    this.rows += 1
    this.checksum = crc32('\n', crc32(text, this.checksum))
  }

  accept(time: Instant, graceMs: number): void {
    this.accepted += 1
    if (time < this.#newest - graceMs) this.late += 1
    this.#from = Math.min(this.#from, time)
    this.#newest = Math.max(this.#newest, time)
  }

  refuse(line: RefusedLine): void {
    this.refused += 1
    if (this.#named.length < NAMED_MAX) this.#named.push(line)
  }

  /** The refused lines so far were refused, and kept, by an earlier upload. */
  refusedBefore(): void {
    this.copies += this.refused
    this.refused = 0
    this.#named.length = 0
  }

  get counts() {
    const { rows, accepted, refused, copies, late } = this
    return { rows, accepted, refused, copies, late }
  }

  /** The counts, the times of the accepted rows, and the first refused lines. */
  get summary() {
    const times = this.accepted === 0 ? {} : { from: formatInstant(this.#from), to: formatInstant(this.#newest) }
    return { ...this.counts, ...times, rejected: this.#named }
  }
}
