/** Where an event belongs in its actor's history: `place` counts the events of the log. */
export type Key = { time: number; place: number }

/** Order of two events: by time, then by which stands earlier in the log (rule 5). */
export function compareKeys(a: Key, b: Key): number {
  return a.time - b.time || a.place - b.place
}
