import { compareBytes, compareUuids, hashBytes, packedLength, samePackedId, unpackId, unpackUuid, utf8Of } from './id-bytes.ts'
import { PackedId } from './packed-id.ts'

/** The size of the chunks in which ids that are no UUIDs are packed. */
const CHUNK_BYTES = 1 << 20
const HEX_DIGITS = '0123456789abcdef'
/** The words of an id: the 16 bytes of a UUID; for other ids the chunk and the offset of their packed bytes. */
const ID_WORDS = 4

/** The number of buckets of the actors of a partition. Checkpoints are written bucket by bucket. */
export const BUCKETS = 256

/**
 * Maps actor ids to slots (0, 1, 2, …): a hash table with open addressing over packed ids. Slots are never released. The number of a slot
 * depends on the order of arrival and must not be visible in outputs; the order of actors is that of their ids.
 */
export class ActorTable {
  readonly #seed: number
  /** The id of the running call. One buffer is enough, and no call allocates memory. */
  readonly #searchedId = new PackedId()
  readonly #chunks: Uint8Array[] = []
  /** The newest slot of each bucket; `#nextInBucket` leads to the older ones. */
  readonly #bucketHeads = new Int32Array(BUCKETS).fill(-1)
  #chunkEnd = CHUNK_BYTES
  /** Pairs of a hash and a slot + 1, so that each check reads one line of memory. */
  #index = new Int32Array(2 * 1024)
  #ids = new Int32Array(ID_WORDS * 512)
  #idBytes = new Uint8Array(this.#ids.buffer)
  #isText = new Uint8Array(512)
  #nextInBucket = new Int32Array(512)
  #size = 0

  /** @param seed makes hash collisions unpredictable for clients, which choose the ids; changes no outcome */
  constructor(seed: number) {
    this.#seed = seed
  }

  get size(): number {
    return this.#size
  }

  /** The slot of an id, or -1. */
  find(id: string): number {
    this.#searchedId.set(id)
    return this.#probe(this.#searchedId.hash(this.#seed))
  }

  /** The slot of an id; a new id gets the next one (the former `size`). */
  findOrAdd(id: string): number {
    this.#searchedId.set(id)
    const hash = this.#searchedId.hash(this.#seed)
    const found = this.#probe(hash)
    return found >= 0 ? found : this.#add(hash)
  }

  /** The id of a slot. */
  id(slot: number): string {
    if (this.#isText[slot] === 0) return unpackUuid(this.#idBytes, slot * 16)
    return unpackId(this.#chunkOf(slot), this.#ids[slot * ID_WORDS + 1] as number)
  }

  /** Orders two slots by the UTF-8 bytes of their ids. */
  compare(a: number, b: number): number {
    if (this.#isText[a] === 0 && this.#isText[b] === 0) return compareUuids(this.#idBytes, a * 16, this.#idBytes, b * 16)
    return compareBytes(this.#utf8(a), this.#utf8(b))
  }

  /** The first four UTF-8 bytes of a slot's id as a number. Different ranks have the order of {@link compare}. */
  rank(slot: number): number {
    if (this.#isText[slot] !== 0) return rankOf(this.#utf8(slot))
    const [first, second] = [this.#idBytes[slot * 16] as number, this.#idBytes[slot * 16 + 1] as number]
    return ((hexPair(first) << 16) | hexPair(second)) >>> 0
  }

  /** The bucket of an id, the same in every process and release. */
  bucketOf(id: string): number {
    this.#searchedId.set(id)
    return this.#bucketOfSearchedId()
  }

  /** The slots of a bucket. */
  *bucket(bucket: number): Generator<number> {
    for (let slot = this.#bucketHeads[bucket] as number; slot >= 0; slot = this.#nextInBucket[slot] as number) yield slot
  }

  #bucketOfSearchedId(): number {
    return hashBytes(this.#searchedId.bytes, 0, this.#searchedId.length, 0) & (BUCKETS - 1)
  }

  #chunkOf(slot: number): Uint8Array {
    return this.#chunks[this.#ids[slot * ID_WORDS] as number] as Uint8Array
  }

  #utf8(slot: number): Uint8Array {
    if (this.#isText[slot] === 0) return new TextEncoder().encode(this.id(slot))
    return utf8Of(this.#chunkOf(slot), this.#ids[slot * ID_WORDS + 1] as number)
  }

  /** The slot of the searched id, or -1. */
  #probe(hash: number): number {
    const index = this.#index
    const mask = index.length - 2
    for (let at = (hash << 1) & mask; ; at = (at + 2) & mask) {
      const slot = (index[at + 1] as number) - 1
      if (slot < 0) return -1
      if (index[at] === hash && this.#hasSearchedId(slot)) return slot
    }
  }

  #hasSearchedId(slot: number): boolean {
    const wanted = this.#searchedId
    if (this.#isText[slot] !== 0) return samePackedId(wanted.bytes, 0, this.#chunkOf(slot), this.#ids[slot * ID_WORDS + 1] as number)
    const ids = this.#ids
    const { words } = wanted
    const at = slot * ID_WORDS
    return wanted.isUuid && ids[at] === words[0] && ids[at + 1] === words[1] && ids[at + 2] === words[2] && ids[at + 3] === words[3]
  }

  #add(hash: number): number {
    const slot = this.#size++
    if (slot >= this.#isText.length) this.#grow()
    const wanted = this.#searchedId
    if (wanted.isUuid) this.#ids.set(wanted.words, slot * ID_WORDS)
    else this.#addText(slot)
    const bucket = this.#bucketOfSearchedId()
    this.#nextInBucket[slot] = this.#bucketHeads[bucket] as number
    this.#bucketHeads[bucket] = slot
    this.#insert(hash, slot)
    return slot
  }

  #addText(slot: number): void {
    const { bytes } = this.#searchedId
    const length = packedLength(bytes, 0)
    if (this.#chunkEnd + length > CHUNK_BYTES) {
      this.#chunks.push(new Uint8Array(CHUNK_BYTES))
      this.#chunkEnd = 0
    }
    const chunk = this.#chunks.length - 1
    this.#chunks[chunk]?.set(bytes.subarray(0, length), this.#chunkEnd)
    this.#isText[slot] = 1
    this.#ids[slot * ID_WORDS] = chunk
    this.#ids[slot * ID_WORDS + 1] = this.#chunkEnd
    this.#chunkEnd += length
  }

  #insert(hash: number, slot: number): void {
    const index = this.#index
    const mask = index.length - 2
    let at = (hash << 1) & mask
    while (index[at + 1] !== 0) at = (at + 2) & mask
    index[at] = hash
    index[at + 1] = slot + 1
  }

  #grow(): void {
    const capacity = this.#isText.length * 2
    this.#ids = copiedInto(this.#ids, new Int32Array(capacity * ID_WORDS))
    this.#idBytes = new Uint8Array(this.#ids.buffer)
    this.#isText = copiedInto(this.#isText, new Uint8Array(capacity))
    this.#nextInBucket = copiedInto(this.#nextInBucket, new Int32Array(capacity))
    const before = this.#index
    this.#index = new Int32Array(capacity * 4)
    for (let at = 0; at < before.length; at += 2) if (before[at + 1] !== 0) this.#insert(before[at] as number, (before[at + 1] as number) - 1)
  }
}

/** Copies a column into a longer one. */
export function copiedInto<Column extends Uint8Array | Int32Array | Uint32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}

/** The two hexadecimal digits of a byte, as UTF-8. */
function hexPair(byte: number): number {
  return (HEX_DIGITS.charCodeAt(byte >> 4) << 8) | HEX_DIGITS.charCodeAt(byte & 15)
}

function rankOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
