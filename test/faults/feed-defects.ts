import type { Output } from '#contracts'

/** The first output in which the feed of a partition differs from the fold; empty if they are equal. */
export function byteDefects(partition: number, expected: readonly string[], feed: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(expected.length, feed.length) }, (_, i) => i).find((i) => expected[i] !== feed[i])
  if (at === undefined) return []
  const lengths = `the feed has ${feed.length} outputs, the fold ${expected.length}`
  return [`partition ${partition}, output ${at}: ${lengths}; the fold has ${expected[at]}, the feed ${feed[at]}`]
}

/** A defect for each id that is in the feed more than once. */
export function repeatedIds(outputs: readonly Output[]): string[] {
  const ids = new Set<string>()
  return outputs.filter(({ id }) => ids.size === ids.add(id).size).map(({ id }) => `the id ${id} is in the feed twice`)
}
