/** The last one of some points, ascending in `ms`, that is not later than a duration; undefined before the first. */
export function pointAt<Point extends { readonly ms: number }>(points: readonly Point[], ms: number): Point | undefined {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle] as Point).ms <= ms) low = middle + 1
    else high = middle
  }
  return points[low - 1]
}
