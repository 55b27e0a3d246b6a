/** A block of memory, seen as bytes, as a view and as words. */
interface Chunk {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly words: Int32Array
  /** The time until which some record in it is needed. */
  until: number
}

/** Records start at multiples of this many bytes. */
export const RECORD_UNIT = 4

function newChunk(length: number): Chunk {
  const buffer = new ArrayBuffer(length)
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), words: new Int32Array(buffer), until: Number.NEGATIVE_INFINITY }
}

/**
 * A log of records outside the JavaScript heap. It is released from the front, a chunk at a time: each record is added with the time until
 * which it is needed, so no record is visited again. A record is named by its address, which only grows and is never 0.
 */
export class RecordLog {
  readonly #chunkBytes: number
  readonly #chunks: Chunk[] = []
  /** A released chunk, to be used again: new memory costs a page fault every 4 KiB. */
  #spareChunk: Chunk | undefined
  #firstChunk = 0
  #lastChunkEnd: number
  /** The chunk of the open record, and the address at which the chunk begins. */
  #open = newChunk(0)
  #openChunkStart = Number.NEGATIVE_INFINITY
  /** The offset of the open record in its chunk. */
  at = 0

  /** @param chunkBytes a power of 2 */
  constructor(chunkBytes = 1 << 20) {
    this.#chunkBytes = chunkBytes
    this.#lastChunkEnd = chunkBytes
  }

  get bytes(): Uint8Array {
    return this.#open.bytes
  }
  get view(): DataView {
    return this.#open.view
  }
  get words(): Int32Array {
    return this.#open.words
  }

  /** The smallest address that is still in the log. */
  get first(): number {
    return this.#firstChunk * this.#chunkBytes + RECORD_UNIT
  }

  /** Bytes in chunks. */
  get size(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /** Opens a record that is still there. */
  open(address: number): void {
    const at = address - this.#openChunkStart
    if (at >= 0 && at < this.#chunkBytes) {
      this.at = at
      return
    }
    const number = Math.floor(address / this.#chunkBytes)
    this.#openChunkStart = number * this.#chunkBytes
    this.#open = this.#chunks[number - this.#firstChunk] as Chunk
    this.at = address - this.#openChunkStart
  }

  /** Adds a record of `length` bytes, needed until `until`, and opens it. Its bytes are undefined. @returns its address */
  append(length: number, until: number): number {
    const room = Math.ceil(length / RECORD_UNIT) * RECORD_UNIT
    if (this.#lastChunkEnd + room > this.#chunkBytes) this.#addChunk(room)
    const address = (this.#firstChunk + this.#chunks.length - 1) * this.#chunkBytes + this.#lastChunkEnd
    this.#lastChunkEnd += room
    this.open(address)
    if (until > this.#open.until) this.#open.until = until
    return address
  }

  /** The record at `address`, and so all after it, are needed until `until` at least. */
  keep(address: number, until: number): void {
    this.open(address)
    if (until > this.#open.until) this.#open.until = until
  }

  /** Releases the chunks at the front whose records are no longer needed at `now`. */
  release(now: number): void {
    for (let first = this.#chunks[0]; first !== undefined && first.until < now && this.#chunks.length > 1; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#firstChunk += 1
      if (first.bytes.length === this.#chunkBytes) this.#spareChunk = first
    }
  }

  /** A record that is longer than a chunk gets a chunk of its length. The first unit is not used, so that no address is 0. */
  #addChunk(room: number): void {
    const length = Math.max(this.#chunkBytes, room + RECORD_UNIT)
    const chunk = this.#spareChunk?.bytes.length === length ? this.#spareChunk : newChunk(length)
    this.#spareChunk = undefined
    chunk.until = Number.NEGATIVE_INFINITY
    this.#chunks.push(chunk)
    this.#lastChunkEnd = RECORD_UNIT
  }
}
