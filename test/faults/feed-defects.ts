import type { Output } from '#contracts'

/** The first place at which the feed of a partition differs from the fold. */
export function byteDefects(partition: number, expected: readonly string[], feed: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(expected.length, feed.length) }, (_, i) => i).find((i) => expected[i] !== feed[i])
  if (at === undefined) return []
  const lengths = `the feed has ${feed.length} outputs, the fold ${expected.length}`
  return [`partition ${partition}, output ${at}: ${lengths}; the fold says ${expected[at]}, the feed ${feed[at]}`]
}

/** Ids that are in the feed more than once. */
export function repeated(outputs: readonly Output[]): string[] {
  const ids = new Set<string>()
  return outputs.filter(({ id }) => ids.size === ids.add(id).size).map(({ id }) => `the id ${id} stands in the feed twice`)
}
