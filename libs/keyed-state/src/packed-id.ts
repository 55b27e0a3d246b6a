import { hashBytes, PACKED_ID_MAX, packId, uuidWords } from './id-bytes.ts'

/** A packed id begins one byte before a word, so that the 16 bytes of a UUID are four words. */
const START = 3

/** A reusable buffer for one packed id. */
export class PackedId {
  readonly #buffer = new ArrayBuffer(264)
  /** The packed id. */
  readonly bytes = new Uint8Array(this.#buffer, START, PACKED_ID_MAX)
  /** Bytes 1 to 16 of the packed id: the bytes of a UUID. */
  readonly words = new Int32Array(this.#buffer, START + 1, 4)
  readonly #view = new DataView(this.#buffer, START + 1, 16)
  length = 0

  set(text: string): void {
    if (uuidWords(text, this.#view, 0)) {
      this.bytes[0] = 0
      this.length = 17
    } else this.length = packId(text, this.bytes, 0)
  }

  /** Copies a packed id from other bytes. */
  copy(from: Uint8Array, at: number, length: number): void {
    for (let i = 0; i < length; i++) this.bytes[i] = from[at + i] as number
    this.length = length
  }

  get isUuid(): boolean {
    return this.bytes[0] === 0
  }

  /** 32 bits. Another seed gives an unrelated hash. */
  hash(seed: number): number {
    if (this.bytes[0] !== 0) return hashBytes(this.bytes, 0, this.length, seed)
    const { words } = this
    let hash = seed
    // The rounds of MurmurHash3.
    for (let i = 0; i < 4; i++) {
      const mixed = Math.imul(words[i] as number, 0xcc9e2d51)
      hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return hash ^ (hash >>> 16)
  }
}
