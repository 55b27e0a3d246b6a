import { printable } from '#contracts'
import type { NearEvent } from './near-event.ts'
import type { RemarksRecord, SkippedValues, TextValues } from './remarks.ts'

/** Events whose ids came before, for another event; copies of the same event do not count. */
export interface SharedIds {
  /** The same actor had it: these are dropped as copies, and what they say is lost. */
  readonly dropped: number
  /** Only another actor had it: these are applied. */
  readonly applied: number
}

/** What the remarks are said beside. */
export interface RemarksSetting {
  readonly near: NearEvent
  /** Events of the definition's actor type, those that matched no signal among them. */
  readonly events: number
  /** Events that came later than the grace, where that is known. */
  readonly late?: { readonly events: number; readonly graceMs: number }
  /** Where that is known. */
  readonly sharedIds?: SharedIds
}

const NAMES_SAID_MAX = 5

/** Remarks as sentences, the gravest first; none where there is nothing to say. Numbers are bare, so that programs can read them too. */
export function describeRemarks(record: RemarksRecord, setting: RemarksSetting): string[] {
  const { late, sharedIds } = setting
  return [
    ...sayUnmatched(record, setting),
    ...(late === undefined ? [] : describeLate(late.events, late.graceMs)),
    ...(sharedIds === undefined ? [] : saySharedIds(sharedIds)),
    ...saySkipped(record.skipped),
    ...saySuspicious(record.suspicious),
  ].map(printable)
}

/** "1 event", "2 events". */
const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
const forCount = (count: number, one: string, many: string): string => (count === 1 ? one : many)

/** Names and values of others, in which spaces and nothing at all can be seen. */
const shown = (text: string): string => (text.trim() === '' ? JSON.stringify(text) : `\`${text}\``)

/** "1999 events, none matched a signal; `order completed` is not `Order Completed`." */
function sayUnmatched({ unmatched, otherNames, texts }: RemarksRecord, { near, events }: RemarksSetting): string[] {
  const all = unmatched.reduce((sum, [, count]) => sum + count, otherNames)
  if (all === 0) return []
  const names = unmatched.toSorted(([, a], [, b]) => b - a)
  const slips = names.flatMap(([name]) => {
    const meant = near(name)
    if (meant === undefined) return []
    return [meant === name ? `${shown(name)} is named by a signal, but its where does not hold` : `${shown(name)} is not ${shown(meant)}`]
  })
  const head = all >= events ? `${counted(all, 'event')}, none matched a signal` : `${all} of ${counted(events, 'event')} matched no signal`
  const said = names.slice(0, NAMES_SAID_MAX).map(([name, count]) => `${shown(name)} ${count}`)
  const rest = all - names.slice(0, NAMES_SAID_MAX).reduce((sum, [, count]) => sum + count, 0)
  return [
    `${[head, ...slips].join('; ')}.`,
    `  Events of no signal: ${[...said, ...(rest === 0 ? [] : [`others ${rest}`])].join(', ')}.`,
    ...Object.entries(texts).map(([path, text]) => sayText(path, text)),
  ]
}

/** "  In 3 of these events `properties.dollars` is text (such as "120.50"), and the where of a signal compares it with a number." */
function sayText(path: string, { events, example }: TextValues): string {
  return `  In ${events} of these events \`${path}\` is text (such as ${JSON.stringify(example)}); the where of a signal compares it with a number, and text is never one.`
}

/** Of events that came too late to be applied; nothing where there is none. */
export function describeLate(events: number, graceMs: number): string[] {
  if (events === 0) return []
  const [they, were] = events === 1 ? ['it happened', 'it was'] : ['they happened', 'they were']
  return [`${counted(events, 'event')} came later than the grace of ${graceInWords(graceMs)} after ${they}, so ${were} recorded and never applied.`]
}

function saySharedIds({ dropped, applied }: SharedIds): string[] {
  const lost = 'and another name, time or properties: one id of an actor means one event, so'
  return [
    ...(dropped === 0
      ? []
      : [
          `${counted(dropped, 'event')} ${forCount(dropped, 'has', 'have')} the id of an earlier event of the same actor, ${lost} ${forCount(dropped, 'it was', 'they were')} dropped as ${forCount(dropped, 'a copy', 'copies')}.`,
        ]),
    ...(applied === 0
      ? []
      : [
          `${counted(applied, 'event')} ${forCount(applied, 'has', 'have')} the id of an earlier event of another actor: ids count for each actor, so ${forCount(applied, 'it was', 'they were')} applied.`,
        ]),
  ]
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
  const said = Object.entries(suspicious).map(([kind, events]) => `${suspiciousName(kind)}: ${counted(events, 'event')}`)
  return said.length === 0 ? [] : [`Some actor ids look like a missing id, so that events of many people may count as those of one: ${said.join(', ')}.`]
}

const suspiciousName = (kind: string): string => {
  if (kind === 'blank') return 'only spaces'
  return kind === 'template' ? 'a template that was not filled in' : JSON.stringify(kind)
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
  return counted(graceMs / size, name)
}
