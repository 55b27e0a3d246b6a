const MESSAGES_MAX = 100

/**
 * Passes on what is said for the first, second, fourth, eighth … time: what is tried again each second would otherwise bury everything
 * else in the log.
 */
export function seldom(speak: (text: string) => void): (text: string) => void {
  const counts = new Map<string, number>()
  return (text) => {
    if (counts.size > MESSAGES_MAX) counts.clear()
    const count = (counts.get(text) ?? 0) + 1
    counts.set(text, count)
    if ((count & (count - 1)) === 0) speak(count === 1 ? text : `${text} (${count} times so far)`)
  }
}
