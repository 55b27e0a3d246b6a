/** Order of two texts by their UTF-8 bytes; UTF-16 order, which `<` gives, puts U+E000 to U+FFFF behind the surrogate pairs. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
