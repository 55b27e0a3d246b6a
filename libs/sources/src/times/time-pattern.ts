import { writtenTime } from '#contracts'
import type { LocalClock } from './local-clock.ts'

/** Reads the times that a pattern describes; undefined for any other text, and for a local time that the clock never showed. */
export type PatternReader = (text: string, clock: LocalClock) => number | undefined

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The symbols of a pattern: for each, the part of the time and its form. */
const tokens: ReadonlyMap<string, readonly [part: string, expression: string]> = new Map([
  ['YYYY', ['year', '\\d{4}']],
  ['MMM', ['name', '[A-Za-z]{3}']],
  ['MM', ['month', '\\d{2}']],
  ['M', ['month', '\\d{1,2}']],
  ['DD', ['day', '\\d{2}']],
  ['D', ['day', '\\d{1,2}']],
  ['HH', ['hours', '\\d{2}']],
  ['H', ['hours', '\\d{1,2}']],
  ['hh', ['half', '\\d{2}']],
  ['h', ['half', '\\d{1,2}']],
  ['mm', ['minutes', '\\d{2}']],
  ['ss', ['seconds', '\\d{2}']],
  ['SSS', ['fraction', '\\d{1,9}']],
  ['A', ['noon', '[AaPp]\\.?[Mm]\\.?']],
  ['Z', ['zone', '(?:[Zz]|[+-]\\d{2}(?::?\\d{2})?)']],
])

/** One piece of a pattern: a symbol, a character that is not a letter, or the letter T, which ISO 8601 has between the day and the clock. */
const TOKEN = /YYYY|MMM|MM?|DD?|HH?|hh?|mm|ss|SSS|A|Z|T|[^A-Za-z]/y

/** The form of a pattern, for messages. */
export const PATTERN_EXPECTED = 'a pattern of YYYY, MM or M or MMM (Jan), DD or D, HH or H (or hh or h with A for AM and PM), mm, ss, SSS, Z'

/** The reader for a pattern such as `DD/MM/YYYY HH:mm`; undefined if the pattern is not valid: unknown letters, a part twice, or no complete day. */
export function patternReader(pattern: string): PatternReader | undefined {
  const pieces = piecesOf(pattern)
  if (pieces === undefined) return undefined
  const parts = pieces.flatMap((piece) => tokens.get(piece)?.[0] ?? [])
  if (!isComplete(parts)) return undefined
  const sources = pieces.map((piece) => {
    const token = tokens.get(piece)
    return token === undefined ? piece.replace(/[$()*+.?[\\\]^{|}]/, '\\$&') : `(?<${token[0]}>${token[1]})`
  })
  const expression = new RegExp(`^${sources.join('')}$`)
  const hasClock = parts.some((part) => part === 'hours' || part === 'half')
  return (text, clock) => {
    const found = expression.exec(text)?.groups
    return found === undefined ? undefined : instantOfParts(found, hasClock, clock)
  }
}

function piecesOf(pattern: string): string[] | undefined {
  const pieces: string[] = []
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < pattern.length; ) {
    const [piece] = TOKEN.exec(pattern) ?? []
    if (piece === undefined) return undefined
    pieces.push(piece)
  }
  return pieces
}

/** The parts of a complete day, without the month, which has two forms. */
const dayParts = ['year', 'day'] as const
/** The parts that each part requires, so that the clock has no gaps. */
const needs: Readonly<Record<string, readonly string[]>> = {
  half: ['noon'],
  noon: ['half'],
  minutes: ['clock'],
  seconds: ['minutes'],
  fraction: ['seconds'],
  zone: ['clock'],
}

function isComplete(parts: readonly string[]): boolean {
  const has = (part: string): boolean => (part === 'clock' ? has('hours') || has('half') : parts.includes(part))
  const isDay = dayParts.every(has) && has('month') !== has('name')
  const isOnce = new Set(parts).size === parts.length && !(has('hours') && has('half'))
  return isDay && isOnce && parts.every((part) => (needs[part] ?? []).every(has))
}

/** The text of each field that a pattern has found. */
type Found = Readonly<Record<string, string | undefined>>

function instantOfParts(found: Found, hasClock: boolean, clock: LocalClock): number | undefined {
  const hours = hasClock ? hoursOf(found) : 0
  const month = found['name'] === undefined ? found['month'] : String(MONTHS.indexOf(found['name'].toLowerCase()) + 1)
  const written = hours === undefined ? undefined : writtenTime({ ...found, month: month ?? '', hours: String(hours) })
  if (written === undefined) return undefined
  if (written.offsetMs !== undefined) return written.localMs - written.offsetMs
  return hasClock ? clock.at(written.localMs) : clock.startOf(written.localMs)
}

/** 12 AM is midnight, 12 PM is noon. */
function hoursOf({ hours, half, noon = '' }: Found): number | undefined {
  if (half === undefined) return Number(hours)
  const shown = Number(half)
  if (shown < 1 || shown > 12) return undefined
  return (shown % 12) + (noon.toLowerCase().startsWith('p') ? 12 : 0)
}
