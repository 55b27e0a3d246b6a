/** Order of two texts by their UTF-8 bytes; UTF-16 order, which `<` gives, puts U+E000 to U+FFFF behind the surrogate pairs. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}

/** Where an event belongs in its actor's history. */
export type Key = { time: number; id: string }

/** Order of two events of one actor: by time, then id. */
export function compareKeys(a: Key, b: Key): number {
  return a.time - b.time || compareUtf8(a.id, b.id)
}
