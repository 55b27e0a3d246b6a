/** The values of a scale, from the least to the largest. */
export interface Extent {
  readonly min: number
  readonly max: number
}

/** Where things are in a plot, in pixels. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  /** The place of a share of the width, from 0 to 1. */
  readonly x: (part: number) => number
  /** The place of a value. */
  readonly y: (value: number) => number
}

/** Round numbers that divide an extent into at most `most` parts, from one at or below it to one at or above it. */
export function roundTicks({ min, max }: Extent, most: number): number[] {
  const span = max - min
  if (!(span > 0)) return [min]
  const rough = span / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999999) ?? 10)
  const [first, last] = [Math.floor(min / step + 1e-9), Math.ceil(max / step - 1e-9)]
  // Not added up, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/** Ticks for what is counted: whole numbers, at least from 0 to 1. */
export function countTicks({ min, max }: Extent, most: number): number[] {
  const [low, high] = [Math.min(0, Math.floor(min)), Math.max(min < 0 ? 0 : 1, Math.ceil(max))]
  const ticks = roundTicks({ min: low, max: high }, most)
  return ticks.every(Number.isInteger) ? ticks : roundTicks({ min: low, max: high }, high - low)
}

/** The frame of a plot whose values lie between the first tick and the last one. */
export function frameOf({ width, height, ticks }: { readonly width: number; readonly height: number; readonly ticks: readonly number[] }): Frame {
  const [left, right, top, bottom] = [width < 480 ? 38 : 52, width - 10, 12, height - 26]
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const y = (value: number): number => (high === low ? bottom : bottom - ((value - low) / (high - low)) * (bottom - top))
  return { width, height, left, right, top, bottom, x: (part) => left + part * (right - left), y }
}

/** Which of some things get a label, so that no more than `most` have one: the same distance between all. */
export function labelled(total: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(total / Math.max(1, most)))
  return Array.from({ length: Math.ceil(total / step) }, (_, index) => index * step)
}

/** The sums of a stack from below: for each series its lower and its upper edge at each place. */
export function stack(series: readonly (readonly number[])[]): { readonly lower: readonly number[]; readonly upper: readonly number[] }[] {
  let lower: readonly number[] = (series[0] ?? []).map(() => 0)
  return series.map((values) => {
    const edges = { lower, upper: values.map((value, index) => value + (lower[index] ?? 0)) }
    lower = edges.upper
    return edges
  })
}

const place = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`

/** A line through points. */
export const linePath = (points: readonly (readonly [x: number, y: number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${place(x, y)}`).join('')

/** The area between an upper and a lower edge. */
export function areaPath(upper: readonly (readonly [number, number])[], lower: readonly (readonly [number, number])[]): string {
  return upper.length === 0 ? '' : `${linePath([...upper, ...lower.toReversed()])}Z`
}

/** The corners of a line that keeps its value until the next point: a curve of steps. */
export function stepPoints(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return points.flatMap(([x, y], index) => {
    const before = points[index - 1]
    return before === undefined ? [[x, y] as const] : [[x, before[1]] as const, [x, y] as const]
  })
}
