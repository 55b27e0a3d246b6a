/** The key of an event: its place in its actor's history. `place` is its number in the log. */
export type Key = { time: number; place: number }

/** Order of two events: by time, then by their order in the log (rule 5). */
export function compareKeys(a: Key, b: Key): number {
  return a.time - b.time || a.place - b.place
}
