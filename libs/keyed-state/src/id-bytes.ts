/**
 * Ids as bytes. A canonical UUID (lower case) takes 17 bytes instead of 36, any other id its UTF-8 and a length. The first byte is
 * 0 for a UUID, and 1 to 254 for that many bytes of UTF-8; after 255 a second byte gives the length minus 255.
 */

/** The bytes that the longest id (256 bytes of UTF-8) needs. */
export const PACKED_ID_MAX = 258

/** Where the two digits of each byte begin in the text of a UUID. */
const UUID_CHARS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
/** The code of a dash. */
const DASH = 45
const HEX = new Int8Array(128).fill(-1)
for (let i = 0; i < 16; i++) HEX['0123456789abcdef'.charCodeAt(i)] = i
const HEX_CODES = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))
const uuidCodes: number[] = Array.from({ length: 36 }, () => DASH)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Writes the 16 bytes of a canonical UUID at `at`, a word at a time: a processor reads words that were written byte by byte slowly.
 * @returns false if the text is not a canonical UUID; then the written bytes have no meaning
 */
export function uuidWords(text: string, out: DataView, at: number): boolean {
  if (text.length !== 36) return false
  if (text.charCodeAt(8) !== DASH || text.charCodeAt(13) !== DASH || text.charCodeAt(18) !== DASH || text.charCodeAt(23) !== DASH) return false
  let allCodes = 0
  let allDigits = 0
  for (let i = 0; i < 16; i += 4) {
    let word = 0
    for (let byte = 0; byte < 4; byte++) {
      const from = UUID_CHARS[i + byte] as number
      const high = text.charCodeAt(from)
      const low = text.charCodeAt(from + 1)
      const value = ((HEX[high & 127] as number) << 4) | (HEX[low & 127] as number)
      allCodes |= high | low
      allDigits |= value
      word |= value << (8 * byte)
    }
    out.setInt32(at + i, word, true)
  }
  return allCodes < 128 && allDigits >= 0
}

function packText(text: string, out: Uint8Array, at: number): number {
  if (text.length < 128) {
    let seen = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      seen |= code
      out[at + 1 + i] = code
    }
    if (seen < 128) {
      out[at] = text.length
      return text.length + 1
    }
  }
  const utf8 = encoder.encode(text)
  const head = utf8.length >= 255 ? 2 : 1
  out[at] = Math.min(utf8.length, 255)
  if (head === 2) out[at + 1] = utf8.length - 255
  out.set(utf8, at + head)
  return utf8.length + head
}

/** Writes the packed id at `at`; there must be {@link PACKED_ID_MAX} bytes of room. @returns the number of bytes */
export function packId(text: string, out: Uint8Array, at: number): number {
  const view = new DataView(out.buffer, out.byteOffset)
  if (!uuidWords(text, view, at + 1)) return packText(text, out, at)
  out[at] = 0
  return 17
}

/** The number of bytes of the packed id at `at`. */
export function packedLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first === 0) return 17
  return first === 255 ? 257 + (bytes[at + 1] as number) : first + 1
}

/** The id that was packed at `at`. */
export function unpackId(bytes: Uint8Array, at: number): string {
  const first = bytes[at] as number
  if (first !== 0) return decoder.decode(bytes.subarray(at + (first === 255 ? 2 : 1), at + packedLength(bytes, at)))
  return unpackUuid(bytes, at + 1)
}

/** The UUID whose 16 bytes are at `at`. */
export function unpackUuid(bytes: Uint8Array, at: number): string {
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i] as number
    const to = UUID_CHARS[i] as number
    uuidCodes[to] = HEX_CODES[byte >>> 4] as number
    uuidCodes[to + 1] = HEX_CODES[byte & 15] as number
  }
  // One call instead of concatenation, which takes five times as long when the text is used.
  return String.fromCharCode(...uuidCodes)
}

/** Whether two packed ids are equal. */
export function samePackedId(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  const length = packedLength(a, atA)
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false
  return true
}

/** Orders two UUIDs by their 16 bytes, which have the order of their hexadecimal digits. */
export function compareUuids(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  for (let i = 0; i < 16; i++) {
    const difference = (a[atA + i] as number) - (b[atB + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** The UTF-8 of the id that was packed at `at`. */
export function utf8Of(bytes: Uint8Array, at: number): Uint8Array {
  const first = bytes[at] as number
  if (first === 0) return encoder.encode(unpackId(bytes, at))
  return bytes.subarray(at + (first === 255 ? 2 : 1), at + packedLength(bytes, at))
}

/** Orders byte by byte; a prefix comes before the longer one. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Orders two texts by their UTF-8 bytes, which differs from the order of JavaScript strings above U+D7FF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = codePointRank(a.charCodeAt(i)) - codePointRank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

// Surrogates belong to code points above all others.
const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

/** A 32-bit hash of packed bytes (FNV-1a with the final mix of MurmurHash3). Another seed gives an unrelated hash. */
export function hashBytes(bytes: Uint8Array, at: number, length: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (bytes[at + i] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
