import { harmless } from '#contracts'
import type { NearEvent } from './near-event.ts'
import type { RemarksRecord, SkippedValues } from './remarks.ts'

/** What the remarks are said beside. */
export interface RemarksSetting {
  readonly near: NearEvent
  /** Events of the definition's actor type, those that matched no signal among them. */
  readonly events: number
  /** Events that have the id of an earlier one of another name or actor, where that is known. */
  readonly idClashes?: number
}

const NAMES_SAID_MAX = 5

/** Remarks as sentences, the gravest first; none where there is nothing to say. Numbers are bare, so that programs can read them too. */
export function sayRemarks(record: RemarksRecord, setting: RemarksSetting): string[] {
  return [...sayUnmatched(record, setting), ...saySkipped(record.skipped), ...saySuspicious(record.suspicious), ...sayIdClashes(setting.idClashes ?? 0)].map(
    harmless,
  )
}

/** "1999 events, none matched a signal; `order completed` is not `Order Completed`." */
function sayUnmatched({ unmatched, otherNames }: RemarksRecord, { near, events }: RemarksSetting): string[] {
  const all = unmatched.reduce((sum, [, count]) => sum + count, otherNames)
  if (all === 0) return []
  const names = unmatched.toSorted(([, a], [, b]) => b - a)
  const slips = names.flatMap(([name]) => {
    const meant = near(name)
    if (meant === undefined) return []
    return [meant === name ? `\`${name}\` is named by a signal, but its where does not hold` : `\`${name}\` is not \`${meant}\``]
  })
  const head = all >= events ? `${all} ${all === 1 ? 'event' : 'events'}, none matched a signal` : `${all} of ${events} events matched no signal`
  const said = names.slice(0, NAMES_SAID_MAX).map(([name, count]) => `\`${name}\` ${count}`)
  const rest = all - names.slice(0, NAMES_SAID_MAX).reduce((sum, [, count]) => sum + count, 0)
  return [`${[head, ...slips].join('; ')}.`, `  Events of no signal: ${[...said, ...(rest === 0 ? [] : [`others ${rest}`])].join(', ')}.`]
}

function saySkipped(skipped: Readonly<Record<string, SkippedValues>>): string[] {
  return Object.entries(skipped).flatMap(([measure, { numerals, beyond, others, example }]) => [
    ...(numerals === 0 ? [] : [sayNumerals(measure, numerals, example)]),
    ...(beyond === 0 ? [] : [`${values(beyond, measure)} ${beyond === 1 ? 'lies' : 'lie'} beyond ±9000000000, and ${are(beyond)} left out.`]),
    ...(others === 0 ? [] : [`${values(others, measure)} ${others === 1 ? 'was' : 'were'} missing or no number, and ${are(others)} left out.`]),
  ])
}

const values = (count: number, measure: string): string => `${count} ${count === 1 ? 'value' : 'values'} of \`${measure}\``
const are = (count: number): string => (count === 1 ? 'is' : 'are')

/** Where a comma before the last digits decides whether it is a number. */
const DECIMAL_COMMA = /^\s*[-+]?\d+(?:\.\d{3})*,\d+\s*$/

function sayNumerals(measure: string, count: number, example: string | undefined): string {
  const text = count === 1 ? 'was text, though it looks like a number' : 'were text, though they look like numbers'
  const such = example === undefined ? '' : `${count === 1 ? ':' : ', such as'} ${JSON.stringify(example)}`
  const comma = example !== undefined && DECIMAL_COMMA.test(example) ? '; in CSV, --decimal-comma reads numbers with a comma' : ''
  return `${values(count, measure)} ${text}${such}. Only numbers count that are written as in JSON, such as 1234.5${comma}.`
}

function saySuspicious(suspicious: Readonly<Record<string, number>>): string[] {
  const said = Object.entries(suspicious).map(([id, events]) => `${id} ${events}`)
  return said.length === 0
    ? []
    : [`Suspicious actor ids, under each of which many may have become one: ${said.join(', ')} ${Object.values(suspicious).at(-1) === 1 ? 'event' : 'events'}.`]
}

function sayIdClashes(events: number): string[] {
  if (events === 0) return []
  const said = events === 1 ? '1 event has' : `${events} events have`
  return [`${said} the id of an earlier one of another name or actor: one id means one event, and copies are dropped.`]
}

const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const

/** "24 hours": the largest unit of which it is a whole number, and more than one. */
function graceInWords(graceMs: number): string {
  const [size, name] = units.find(([ms]) => graceMs % ms === 0 && graceMs > ms) ?? [1000, 'second']
  const count = graceMs / size
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** Of events that came too late to be applied; nothing where there is none. */
export function sayLate(events: number, graceMs: number): string[] {
  if (events === 0) return []
  const [they, were] = events === 1 ? ['it happened', 'it was'] : ['they happened', 'they were']
  return [
    `${events} ${events === 1 ? 'event' : 'events'} came later than the grace of ${graceInWords(graceMs)} after ${they}, so ${were} recorded and never applied.`,
  ]
}
