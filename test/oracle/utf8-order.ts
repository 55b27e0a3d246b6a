/** The order of two texts by their UTF-8 bytes. `<` has the order of UTF-16, in which U+E000 to U+FFFF are after surrogate pairs. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
