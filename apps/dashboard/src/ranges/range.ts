import { dateOf, startOfDate } from '../format/zoned.ts'

/** The lengths of periods. */
const periodLengths = ['hour', 'day', 'week', 'month'] as const
export type PeriodLength = (typeof periodLengths)[number]

/** A part of time that is looked at, from its first instant to the first one after it. */
export interface Range {
  readonly from: number
  readonly until: number
}

/** What is known about the range that an address names. */
export interface NamedRange extends Range {
  /** The name of a preset, or `custom`. */
  readonly name: string
  readonly by: PeriodLength
  /** In words, for a sentence: `in the last 30 days`. */
  readonly words: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A range that has a name. */
interface Preset {
  readonly name: string
  readonly title: string
  readonly words: string
  readonly days: number | undefined
}

/** The ranges that have a name. */
export const presets: readonly Preset[] = [
  { name: '24h', title: '24 h', words: 'in the last 24 hours', days: 1 },
  { name: '7d', title: '7 days', words: 'in the last 7 days', days: 7 },
  { name: '30d', title: '30 days', words: 'in the last 30 days', days: 30 },
  { name: '12m', title: '12 months', words: 'in the last 12 months', days: 365 },
  { name: 'all', title: 'All', words: 'in all the time that is known', days: undefined },
]
export const CUSTOM = 'custom'
const USUAL = '12m'

/** From when on a length makes sense, and until when there are not too many periods, in days. */
const sensible: Readonly<Record<PeriodLength, readonly [least: number, most: number]>> = {
  hour: [0, 31],
  day: [2, 800],
  week: [21, 8000],
  month: [60, 36_600],
}

/** The lengths of periods that suit a range. */
export const lengthsFor = ({ from, until }: Range): PeriodLength[] =>
  periodLengths.filter((length) => {
    const days = (until - from) / DAY_MS
    return days >= sensible[length][0] && days <= sensible[length][1]
  })

/** The longest range, in days, for which a length is the usual one: some tens of periods, or about a dozen. */
const usualMost: Readonly<Record<'fine' | 'coarse', Readonly<Partial<Record<PeriodLength, number>>>>> = {
  fine: { hour: 3, day: 92, week: 550 },
  coarse: { hour: 1, day: 16, week: 100 },
}

function usualLength({ from, until }: Range, grain: keyof typeof usualMost): PeriodLength {
  return periodLengths.find((length) => (until - from) / DAY_MS <= (usualMost[grain][length] ?? 0)) ?? 'month'
}

/** What a range depends on beside its name. */
interface RangeContext {
  readonly zone: string
  /** Where presets end. */
  readonly now: number
  /** The beginning of all that is known; undefined as long as that is not known. */
  readonly first: number | undefined
  /** The length of a period that was asked for. */
  readonly by?: string | undefined
  /** Whether a picture has place for some tens of periods, or for about a dozen. */
  readonly grain?: keyof typeof usualMost
}

/** The range that an address names; undefined for `all` as long as its beginning is not known. What is no range is the usual one. */
export function rangeOf(text: string | undefined, { zone, now, first, by, grain = 'fine' }: RangeContext): NamedRange | undefined {
  const dates = datesOf(text, zone)
  if (dates !== undefined) return named(dates.range, CUSTOM, dates.words, { by, grain })
  const preset = presets.find(({ name }) => name === text) ?? presets.find(({ name }) => name === USUAL)
  if (preset === undefined) return undefined
  if (preset.days !== undefined) return named({ from: now - preset.days * DAY_MS, until: now }, preset.name, preset.words, { by, grain })
  return first === undefined ? undefined : named({ from: Math.min(first, now - DAY_MS), until: now }, preset.name, preset.words, { by, grain })
}

function named(range: Range, name: string, words: string, { by: asked, grain }: Required<Pick<RangeContext, 'by' | 'grain'>>): NamedRange {
  const by = lengthsFor(range).find((length) => length === asked) ?? usualLength(range, grain)
  return { ...range, name, words, by }
}

/** `FROM..UNTIL`, both of them dates that are part of the range. */
function datesOf(text: string | undefined, zone: string): { readonly range: Range; readonly words: string } | undefined {
  const [, first = '', last = ''] = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text ?? '') ?? []
  const [from, lastDay] = [startOfDate(first, zone), startOfDate(last, zone)]
  if (from === undefined || lastDay === undefined || from > lastDay) return undefined
  // A day has 23 to 25 hours, and a few more or less where a zone was moved.
  const until = startOfDate(dateOf(lastDay + 36 * HOUR_MS, zone), zone) ?? lastDay + DAY_MS
  return { range: { from, until }, words: `from ${first} to ${last}` }
}

/** The name of a range between two dates. */
export const customRange = (first: string, last: string): string => (first <= last ? `${first}..${last}` : `${last}..${first}`)
