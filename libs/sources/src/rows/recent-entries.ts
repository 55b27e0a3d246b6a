/** The least number of entries that are remembered; the largest number is twice as high. */
const ENTRIES_MIN = 65_536
/** The number of cells: a power of 2. At most half of them are filled. */
const CELLS = 2 * ENTRIES_MIN

/** A key of 64 bits: two texts with the same one are taken for the same text. */
export interface TextHash {
  readonly low: number
  readonly high: number
}

const FNV_PRIME = 16_777_619
const FNV_START = 2_166_136_261
const MURMUR_FACTOR = 0x5bd1e995

/** The hash of a text, after that of the text before it. */
export function hashText(text: string, before: TextHash = { low: FNV_START, high: 0 }): TextHash {
  let { low, high } = before
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    low = Math.imul(low ^ code, FNV_PRIME)
    high = Math.imul(high ^ code, MURMUR_FACTOR)
    high ^= high >>> 15
  }
  // The end counts, so that "a", "b" is another pair than "ab", "".
  return { low: Math.imul(low ^ 0x1_00_00, FNV_PRIME) | 0, high: Math.imul(high ^ text.length, MURMUR_FACTOR) | 0 }
}

/** Open addressing in typed arrays: an entry costs no object and no string. A key of two zeros marks an empty cell. */
class Generation {
  readonly low = new Int32Array(CELLS)
  readonly high = new Int32Array(CELLS)
  readonly values = new Uint32Array(CELLS)
  readonly times = new Float64Array(CELLS)
  size = 0

  /** The index of a key, or of the empty cell for it. */
  indexOf({ low, high }: TextHash): number {
    let at = (low ^ (high >>> 7)) & (CELLS - 1)
    while ((this.low[at] !== low || this.high[at] !== high) && (this.low[at] !== 0 || this.high[at] !== 0)) at = (at + 1) & (CELLS - 1)
    return at
  }

  clear(): void {
    this.low.fill(0)
    this.high.fill(0)
    this.size = 0
  }
}

/** What is remembered under a key. */
export interface RecentEntry {
  readonly value: number
  readonly time: number
}

/** A map from keys to numbers that forgets the entries that were not set for longest. */
export class RecentEntries {
  #newer = new Generation()
  #older = new Generation()

  get(key: TextHash): RecentEntry | undefined {
    return entryIn(this.#newer, key) ?? entryIn(this.#older, key)
  }

  set(key: TextHash, { value, time }: RecentEntry): void {
    if (this.#newer.size >= ENTRIES_MIN) this.#rotate()
    const newer = this.#newer
    const at = newer.indexOf(key)
    if (newer.low[at] === 0 && newer.high[at] === 0) newer.size += 1
    newer.low[at] = key.low
    newer.high[at] = key.high
    newer.values[at] = value
    newer.times[at] = time
  }

  #rotate(): void {
    const empty = this.#older
    this.#older = this.#newer
    empty.clear()
    this.#newer = empty
  }
}

function entryIn(generation: Generation, key: TextHash): RecentEntry | undefined {
  const at = generation.indexOf(key)
  if (generation.low[at] !== key.low || generation.high[at] !== key.high || (key.low === 0 && key.high === 0)) return undefined
  return { value: generation.values[at] as number, time: generation.times[at] as number }
}
