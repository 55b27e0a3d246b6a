/** The known name that is nearest to a misspelt one; undefined if none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    // At most a third of the letters may differ; otherwise it is another word.
    const distanceMax = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))
    if (Math.abs(candidate.length - name.length) > distanceMax) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= distanceMax && distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** `; did you mean "connection"?`, or the list of the known names. */
export function suggestion(name: string, known: readonly string[], noun: string): string {
  const near = nearestName(name, known)
  if (near !== undefined) return `; did you mean "${near}"?`
  return known.length === 0 ? `; there are no ${noun}` : `; ${noun} are ${[...new Set(known)].join(', ')}`
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment): the usual typing errors. */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  // Cells outside the table never win.
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost, swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY))
    }
  }
  return at(a.length, b.length)
}
