import { randomBytes, randomInt } from 'node:crypto'

/** An id that no other process, folder or import has: 128 random bits, 22 characters that need no quoting in a path or URL. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** Random bytes that nobody can guess, in hexadecimal. */
export function randomBytesHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** A seed for hash tables: those who choose keys cannot foresee which collide. No outcome may depend on it. */
export function hashSeed(): number {
  return randomInt(2 ** 32)
}
