/** Blocks start at multiples of this many bytes; pointers count in this unit. */
const UNIT = 16
/** A pointer has the number of its chunk in the upper bits, and the unit in the chunk in this many lower bits. */
const CHUNK_UNIT_BITS = 16
const CHUNK_UNITS = 1 << CHUNK_UNIT_BITS
const CHUNK_BYTES = CHUNK_UNITS * UNIT
/** A larger block gets a chunk of its own. */
const LARGEST_CLASS_BYTES = CHUNK_BYTES / 4
/** A compaction begins if more than this share of the chunks is free. It takes at most so many chunks, so that no call takes long. */
const FREE_SHARE_MAX = 1 / 8
const COMPACTED_CHUNKS_MAX = 32

/** Capacities in bytes: steps of 16 up to 256, then of about an eighth. */
const CAPACITIES: number[] = []
for (let bytes = UNIT; bytes <= LARGEST_CLASS_BYTES; bytes += bytes < 256 ? UNIT : Math.ceil(bytes / 8 / UNIT) * UNIT) CAPACITIES.push(bytes)
CAPACITIES.push(LARGEST_CLASS_BYTES)

/** The index of the smallest capacity that is enough for a length. */
const sizeClassOf = (bytes: number): number => {
  if (bytes <= 256) return Math.max(0, Math.ceil(bytes / UNIT) - 1)
  let low = 0
  let high = CAPACITIES.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((CAPACITIES[middle] as number) < bytes) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Allocates byte blocks outside the JavaScript heap, so that a million small states are no work for the garbage collector. A block has a
 * pointer (never 0); its bytes are in `bytes[chunk]` from `offset`. The content of a new block is undefined.
 *
 * The caller keeps the length of a block: `free` and `capacity` take the length for which it was allocated.
 */
export class Arena {
  /** The chunks; read and write only inside blocks that were allocated. */
  readonly bytes: Uint8Array[] = []
  readonly views: DataView[] = []
  readonly words: Int32Array[] = []
  /** The freed blocks of each capacity. */
  readonly #free: number[][] = CAPACITIES.map(() => [])
  #currentEnd = CHUNK_UNITS
  #currentChunk = -1
  readonly #unusedChunks: number[] = []
  #used = 0
  /** The bytes in blocks of each chunk; not a number if the chunk has only one block, or is not in use. */
  readonly #usedIn: number[] = []
  /** Bytes freed since the free share was last checked. */
  #freed = 0
  /** 1 for each chunk that is being compacted. */
  #compacting = new Uint8Array(0)

  /** Bytes in allocated blocks, including padding. */
  get used(): number {
    return this.#used
  }

  /** Bytes in chunks. */
  get size(): number {
    return this.bytes.reduce((sum, { length }) => sum + length, 0)
  }

  /** A block of at least `length` bytes. */
  allocate(length: number): number {
    if (length > LARGEST_CLASS_BYTES) return this.#allocateAlone(Math.ceil(length / 4) * 4)
    const sizeClass = sizeClassOf(length)
    const capacity = CAPACITIES[sizeClass] as number
    this.#used += capacity
    const pointer = (this.#free[sizeClass] as number[]).pop() ?? this.#allocateAtEnd(capacity / UNIT)
    ;(this.#usedIn[this.chunk(pointer)] as number) += capacity
    return pointer
  }

  /** Frees a block that was allocated for `length` bytes. */
  free(pointer: number, length: number): void {
    if (length > LARGEST_CLASS_BYTES) {
      const chunk = this.chunk(pointer)
      this.#used -= (this.bytes[chunk] as Uint8Array).length
      this.#releaseChunk(chunk)
      return
    }
    const kind = sizeClassOf(length)
    const capacity = CAPACITIES[kind] as number
    this.#used -= capacity
    this.#freed += capacity
    ;(this.#usedIn[this.chunk(pointer)] as number) -= capacity
    ;(this.#free[kind] as number[]).push(pointer)
  }

  /**
   * Begins a compaction if much memory is free: when blocks grow, the small blocks that they leave may never be used again. Chooses the
   * emptiest chunks, in which nothing is allocated any more. The caller copies all blocks for which {@link isCompacting} is true to new blocks,
   * without freeing the old ones, then calls {@link endCompaction}.
   * @returns whether a compaction has begun
   */
  beginCompaction(): boolean {
    if (this.#freed < CHUNK_BYTES) return false
    this.#freed = 0
    const shared = [...this.#usedIn.entries()].filter(([chunk, used]) => used >= 0 && chunk !== this.#currentChunk)
    const used = shared.reduce((sum, [, bytes]) => sum + bytes, 0)
    const count = Math.min(COMPACTED_CHUNKS_MAX, Math.floor(shared.length / 8))
    if (count === 0 || used > shared.length * CHUNK_BYTES * (1 - FREE_SHARE_MAX)) return false
    this.#compacting = new Uint8Array(this.bytes.length)
    for (const [chunk] of shared.sort(([, a], [, b]) => a - b).slice(0, count)) this.#compacting[chunk] = 1
    for (const [kind, free] of this.#free.entries()) this.#free[kind] = free.filter((pointer) => !this.isCompacting(pointer))
    return true
  }

  /** Whether the block is in a chunk that is being compacted. */
  isCompacting(pointer: number): boolean {
    return this.#compacting[this.chunk(pointer)] === 1
  }

  /** Frees the chunks whose blocks were copied. */
  endCompaction(): void {
    for (const [chunk, compacting] of this.#compacting.entries()) {
      if (compacting === 0) continue
      this.#used -= this.#usedIn[chunk] as number
      this.#releaseChunk(chunk)
    }
    this.#compacting = new Uint8Array(0)
  }

  /** The length to which a block that was allocated for `length` bytes may grow in place. */
  capacity(length: number): number {
    return length > LARGEST_CLASS_BYTES ? length : (CAPACITIES[sizeClassOf(length)] as number)
  }

  chunk(pointer: number): number {
    return pointer >>> CHUNK_UNIT_BITS
  }

  offset(pointer: number): number {
    return (pointer & (CHUNK_UNITS - 1)) * UNIT
  }

  /** Allocates at the end of the current chunk. */
  #allocateAtEnd(units: number): number {
    if (this.#currentEnd + units > CHUNK_UNITS) {
      this.#currentChunk = this.#addChunk(CHUNK_BYTES)
      this.#usedIn[this.#currentChunk] = 0
      // Pointer 0 means "none", so the first unit of the first chunk is not used.
      this.#currentEnd = this.#currentChunk === 0 ? 1 : 0
    }
    const pointer = this.#currentChunk * CHUNK_UNITS + this.#currentEnd
    this.#currentEnd += units
    return pointer
  }

  #releaseChunk(chunk: number): void {
    this.bytes[chunk] = new Uint8Array(0)
    this.views[chunk] = new DataView(new ArrayBuffer(0))
    this.words[chunk] = new Int32Array(0)
    this.#usedIn[chunk] = Number.NaN
    this.#unusedChunks.push(chunk)
  }

  #addChunk(bytes: number): number {
    const buffer = new ArrayBuffer(bytes)
    const chunk = this.#unusedChunks.pop() ?? this.bytes.length
    this.#usedIn[chunk] = Number.NaN
    this.bytes[chunk] = new Uint8Array(buffer)
    this.views[chunk] = new DataView(buffer)
    this.words[chunk] = new Int32Array(buffer)
    return chunk
  }

  #allocateAlone(length: number): number {
    this.#used += length
    const chunk = this.#addChunk(length)
    if (chunk !== 0) return chunk * CHUNK_UNITS
    this.#unusedChunks.push(0)
    const second = this.bytes.length
    this.bytes[second] = this.bytes[0] as Uint8Array
    this.views[second] = this.views[0] as DataView
    this.words[second] = this.words[0] as Int32Array
    return second * CHUNK_UNITS
  }
}
