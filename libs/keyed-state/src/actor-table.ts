import { comparePackedIds, hashBytes, packedLength, packId, PACKED_ID_MAX, samePackedId, unpackId } from './id-bytes.ts'

const CHUNK_BYTES = 1 << 20

/** How many buckets the actors of a partition are spread over; a checkpoint is written bucket by bucket. */
export const BUCKETS = 256

/**
 * Actor ids to slots (0, 1, 2, …), open addressing over packed ids. Slots are never given back: an actor once seen has a history.
 * A slot's number depends on the order of arrival and must not show in any output; the order of actors is that of their ids.
 */
export class ActorTable {
  readonly #scratch = new Uint8Array(PACKED_ID_MAX)
  readonly #chunks: Uint8Array[] = []
  readonly #bucketHeads = new Int32Array(BUCKETS).fill(-1)
  readonly #seed: number
  #top = CHUNK_BYTES
  #index = new Int32Array(1024)
  #hashes = new Int32Array(512)
  #places = new Float64Array(512)
  #nextInBucket = new Int32Array(512)
  #size = 0

  /** @param seed makes collisions unpredictable to those who choose ids; it changes no outcome */
  constructor(seed: number) {
    this.#seed = seed
  }

  get size(): number {
    return this.#size
  }

  /** The slot of an id, or -1. */
  find(id: string): number {
    const length = packId(id, this.#scratch, 0)
    return this.#probe(hashBytes(this.#scratch, 0, length, this.#seed))
  }

  /** The slot of an id, given one if it has none yet (then it is the former `size`). */
  findOrAdd(id: string): number {
    const length = packId(id, this.#scratch, 0)
    const hash = hashBytes(this.#scratch, 0, length, this.#seed)
    const found = this.#probe(hash)
    return found >= 0 ? found : this.#add(length, hash)
  }

  id(slot: number): string {
    const place = this.#places[slot] as number
    return unpackId(this.#chunks[Math.floor(place / CHUNK_BYTES)] as Uint8Array, place % CHUNK_BYTES)
  }

  /** Orders two slots by the UTF-8 bytes of their ids. */
  compare(a: number, b: number): number {
    const placeA = this.#places[a] as number
    const placeB = this.#places[b] as number
    return comparePackedIds(
      this.#chunks[Math.floor(placeA / CHUNK_BYTES)] as Uint8Array,
      placeA % CHUNK_BYTES,
      this.#chunks[Math.floor(placeB / CHUNK_BYTES)] as Uint8Array,
      placeB % CHUNK_BYTES,
    )
  }

  /** The bucket of an id, the same in every process and release. */
  bucketOf(id: string): number {
    return hashBytes(this.#scratch, 0, packId(id, this.#scratch, 0), 0) & (BUCKETS - 1)
  }

  /** The slots of a bucket. */
  *bucket(bucket: number): Generator<number> {
    for (let slot = this.#bucketHeads[bucket] as number; slot >= 0; slot = this.#nextInBucket[slot] as number) yield slot
  }

  #probe(hash: number): number {
    const mask = this.#index.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = (this.#index[at] as number) - 1
      if (slot < 0) return -1
      if (this.#hashes[slot] === hash && this.#holdsScratch(slot)) return slot
    }
  }

  #holdsScratch(slot: number): boolean {
    const place = this.#places[slot] as number
    return samePackedId(this.#scratch, 0, this.#chunks[Math.floor(place / CHUNK_BYTES)] as Uint8Array, place % CHUNK_BYTES)
  }

  #add(length: number, hash: number): number {
    const slot = this.#size++
    if (slot >= this.#hashes.length) this.#grow()
    if (this.#top + length > CHUNK_BYTES) {
      this.#chunks.push(new Uint8Array(CHUNK_BYTES))
      this.#top = 0
    }
    const chunk = this.#chunks.length - 1
    for (let i = 0, bytes = this.#chunks[chunk] as Uint8Array; i < length; i++) bytes[this.#top + i] = this.#scratch[i] as number
    this.#places[slot] = chunk * CHUNK_BYTES + this.#top
    this.#top += length
    this.#hashes[slot] = hash
    const bucket = hashBytes(this.#scratch, 0, packedLength(this.#scratch, 0), 0) & (BUCKETS - 1)
    this.#nextInBucket[slot] = this.#bucketHeads[bucket] as number
    this.#bucketHeads[bucket] = slot
    this.#insert(slot)
    return slot
  }

  #insert(slot: number): void {
    const mask = this.#index.length - 1
    let at = (this.#hashes[slot] as number) & mask
    while (this.#index[at] !== 0) at = (at + 1) & mask
    this.#index[at] = slot + 1
  }

  #grow(): void {
    const capacity = this.#hashes.length * 2
    this.#hashes = grown(this.#hashes, new Int32Array(capacity))
    this.#places = grown(this.#places, new Float64Array(capacity))
    this.#nextInBucket = grown(this.#nextInBucket, new Int32Array(capacity))
    this.#index = new Int32Array(capacity * 2)
    for (let slot = 0; slot < this.#size - 1; slot++) this.#insert(slot)
  }
}

/** A longer column with the content of a shorter one. */
export function grown<Column extends Int32Array | Uint32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
