import { createHash, timingSafeEqual } from 'node:crypto'
import type { KeyRole } from '#contracts'
import { randomBytesHex } from '#runtime'

const ID_BYTES = 6
/** 192 random bits: too many to try, so that a plain hash is enough to keep them by. */
const SECRET_BYTES = 24
const KEY_TEXT = /^rondo_(?:write|read|admin)_([0-9a-f]{12})_[0-9a-f]{48}$/

/** A new key: its id, and its text, which nobody can show again. */
export interface NewKeyText {
  readonly id: string
  readonly text: string
}

/** The text says what it is for, so that a key that is found in a file can be told from others. */
export function newKeyText(role: KeyRole): NewKeyText {
  const id = randomBytesHex(ID_BYTES)
  return { id, text: `rondo_${role}_${id}_${randomBytesHex(SECRET_BYTES)}` }
}

/** Whether a text could be a key of Rondo, and no other system's. */
export function isKeyShaped(text: string): boolean {
  return text.startsWith('rondo_')
}

/** The id that stands in the text of a key; undefined where the text is no key. */
export function keyIdOf(text: string): string | undefined {
  return KEY_TEXT.exec(text)?.[1]
}

export function hashKeyText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const NO_HASH = '0'.repeat(64)

/** Whether the hash is that of the text. It takes as long for any text of the same length, and as long where there is no hash to compare with. */
export function isKeyText(text: string, hash: string | undefined): boolean {
  const equal = timingSafeEqual(Buffer.from(hashKeyText(text)), Buffer.from(hash ?? NO_HASH))
  return equal && hash !== undefined
}
