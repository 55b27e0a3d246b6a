/** The limit of different texts whose numbers are kept; above it all numbers begin again. */
const MESSAGES_MAX = 100

/**
 * Passes on a text the first, second, fourth, eighth … time. Otherwise a failure that repeats each second would hide
 * everything else in the log.
 */
export function throttled<Fields extends unknown[]>(write: (text: string, ...fields: Fields) => void): (text: string, ...fields: Fields) => void {
  const counts = new Map<string, number>()
  return (text, ...fields) => {
    if (counts.size > MESSAGES_MAX) counts.clear()
    const count = (counts.get(text) ?? 0) + 1
    counts.set(text, count)
    // Powers of two.
    if ((count & (count - 1)) === 0) write(count === 1 ? text : `${text} (${count} times so far)`, ...fields)
  }
}
