import { createHash, timingSafeEqual } from 'node:crypto'
import type { KeyRole } from '#contracts'
import { randomBytesHex } from '#runtime'

/** The 12 characters of a key id. It names a key and is no secret, so it can be short. */
const ID_BYTES = 6
/** 192 random bits. Nobody can try so many, so a plain hash is enough to store the key. */
const SECRET_BYTES = 24
const KEY_TEXT = /^rondo_(?:write|read|admin)_([0-9a-f]{12})_[0-9a-f]{48}$/

/** A new key: its id, and its text, which cannot be shown again. */
export interface NewKeyText {
  readonly id: string
  readonly text: string
}

/** The text contains the product and the role, so that people and scanners recognize a key that they find in a file. */
export function newKeyText(role: KeyRole): NewKeyText {
  const id = randomBytesHex(ID_BYTES)
  return { id, text: `rondo_${role}_${id}_${randomBytesHex(SECRET_BYTES)}` }
}

/** Whether a text has the form of a key of Rondo. */
export function isKeyShaped(text: string): boolean {
  return text.startsWith('rondo_')
}

/** The id in the text of a key; undefined if the text is not a key. */
export function keyIdOf(text: string): string | undefined {
  return KEY_TEXT.exec(text)?.[1]
}

/** A text in which keys have their id alone. */
export function withoutSecrets(text: string): string {
  return text.includes('rondo_') ? text.replaceAll(/(rondo_(?:write|read|admin)_[0-9a-f]{12}_)[0-9a-f]+/g, '$1…') : text
}

/** The hash of a key's text: the only form in which it is stored. */
export function hashKeyText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compared with where there is no hash, so that the comparison takes as long as any other. */
const NO_HASH = '0'.repeat(64)

/** Whether the hash is the hash of the text. The duration does not depend on the text (for one length), nor on whether there is a hash. */
export function isKeyText(text: string, hash: string | undefined): boolean {
  const equal = timingSafeEqual(Buffer.from(hashKeyText(text)), Buffer.from(hash ?? NO_HASH))
  return equal && hash !== undefined
}
