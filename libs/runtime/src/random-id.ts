import { randomBytes } from 'node:crypto'

/** An id that no other process, folder or import has: 128 random bits, 22 characters that need no quoting in a path or URL. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}
