import { crc32 } from 'node:zlib'

/**
 * CRC-32 over the parts of a stored row. The key of the row is one of the parts, so that a row under the key of another row
 * is noticed as well. SQLite itself does not check the content of rows.
 */
export function checksum(...parts: readonly (string | number | Uint8Array)[]): number {
  let sum = 0
  // A zero byte around a number keeps it apart from the digits of its neighbours.
  for (const part of parts) sum = crc32(typeof part === 'number' ? `\u0000${part}\u0000` : part, sum)
  return sum
}
