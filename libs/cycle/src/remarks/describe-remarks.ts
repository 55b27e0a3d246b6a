import { addressLimits, printable } from '#contracts'
import { describeMissingPath, missingPaths } from './describe-paths.ts'
import type { NearEvent } from './near-event.ts'
import type { PathCountsRecord } from './path-counts.ts'
import type { AddressingRemarks, RemarksRecord, SkippedValues, TextValues } from './remarks.ts'

/** Events with the id of an earlier, different event. Copies of the same event are not counted. */
export interface SharedIds {
  /** The earlier event is of the same actor: these events are dropped as copies and are lost. */
  readonly dropped: number
  /** The earlier event is of another actor: these events are applied. */
  readonly applied: number
}

/** Numbers that the sentences need beside the remarks. */
export interface RemarksSetting {
  /** Finds the event name of a signal that is similar to a name. */
  readonly near: NearEvent
  /** The paths at which events name their actors; undefined if the definition has none. */
  readonly paths?: readonly string[] | undefined
  /** How many events had a value at the paths of the definition, if that is known. */
  readonly pathCounts?: PathCountsRecord | undefined
  /** Events of the definition's actor type, including those that match no signal. */
  readonly events: number
  /** Events that arrived after their grace period, if that is known. */
  readonly late?: { readonly events: number; readonly graceMs: number }
  /** Events that share an id with another event, if their number is known. */
  readonly sharedIds?: SharedIds
}

/** How many names of events a sentence lists; the others are counted. */
const NAMES_SHOWN_MAX = 5

/** Remarks as sentences, the most important first; empty if there are no remarks. Numbers have no separators, so that programs can read them. */
export function describeRemarks(record: RemarksRecord, setting: RemarksSetting): string[] {
  const { late, sharedIds } = setting
  return [
    ...describeAddressing(record.addressing, setting.paths),
    ...describeUnmatched(record, setting),
    ...describePaths(record, setting),
    ...(late === undefined ? [] : describeLate(late.events, late.graceMs)),
    ...(sharedIds === undefined ? [] : describeSharedIds(sharedIds)),
    ...describeSkipped(record.skipped),
    ...describeSuspicious(record.suspicious),
  ].map(printable)
}

/** "1 event", "2 events". */
const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
const forCount = (count: number, one: string, many: string): string => (count === 1 ? one : many)

/** A name or value of an event, with marks so that blank text is visible. */
const shown = (text: string): string => (text.trim() === '' ? JSON.stringify(text) : `\`${text}\``)

/** "1999 events, none matched a signal; `order completed` is not `Order Completed`." */
function describeUnmatched({ unmatched, otherNames, texts }: RemarksRecord, { near, events }: RemarksSetting): string[] {
  const all = unmatched.reduce((sum, [, count]) => sum + count, otherNames)
  if (all === 0) return []
  const names = unmatched.toSorted(([, a], [, b]) => b - a)
  const nearNames = names.flatMap(([name]) => {
    const nearest = near(name)
    if (nearest === undefined) return []
    return [nearest === name ? `${shown(name)} is named by a signal, but its where does not hold` : `${shown(name)} is not ${shown(nearest)}`]
  })
  const head = all >= events ? `${counted(all, 'event')}, none matched a signal` : `${all} of ${counted(events, 'event')} matched no signal`
  const shownNames = names.slice(0, NAMES_SHOWN_MAX).map(([name, count]) => `${shown(name)} ${count}`)
  const rest = all - names.slice(0, NAMES_SHOWN_MAX).reduce((sum, [, count]) => sum + count, 0)
  return [
    `${[head, ...nearNames].join('; ')}.`,
    `  Events of no signal: ${[...shownNames, ...(rest === 0 ? [] : [`others ${rest}`])].join(', ')}.`,
    ...Object.entries(texts).map(([path, text]) => describeText(path, text)),
  ]
}

/** "  In 3 of these events `properties.dollars` is text (such as "120.50"); the where of a signal compares it with a number, and text is never one." */
function describeText(path: string, { events, example }: TextValues): string {
  return `  In ${events} of these events \`${path}\` is text (such as ${JSON.stringify(example)}); the where of a signal compares it with a number, and text is never one.`
}

/** Paths at which events name their actors have a sentence of their own where no event has one. */
function describePaths({ addressing }: RemarksRecord, { paths = [], pathCounts = {} }: RemarksSetting): string[] {
  const hasSentence = addressing !== undefined && addressing.missing === addressing.events
  return missingPaths(pathCounts)
    .filter(({ path }) => !(hasSentence && paths.includes(path)))
    .map(describeMissingPath)
}

/** A sentence on events that arrived too late to be applied; empty if there are none. */
export function describeLate(events: number, graceMs: number): string[] {
  if (events === 0) return []
  const [they, were] = events === 1 ? ['it happened', 'it was'] : ['they happened', 'they were']
  return [`${counted(events, 'event')} came later than the grace of ${graceInWords(graceMs)} after ${they}, so ${were} recorded and never applied.`]
}

/** "3 of 9 events of a signal name no actor at `properties.artistId`, so they count for nobody." */
function describeAddressing(remarks: AddressingRemarks | undefined, paths: readonly string[] = []): string[] {
  if (remarks === undefined) return []
  const { events, missing, invalid, surplus, unreached, example } = remarks
  const at = paths.map(shown).join(' or ')
  const missingHead =
    missing === events
      ? `${counted(events, 'event')} of a signal, and none names an actor at ${at}`
      : `${ofAll(missing, events)} of a signal ${forCount(missing, 'names', 'name')} no actor at ${at}`
  return [
    ...(missing === 0
      ? []
      : [`${missingHead}, so ${forCount(missing, 'it counts', 'they count')} for nobody: compare the path with the properties that are sent.`]),
    ...(invalid === 0
      ? []
      : [
          `${ofAll(invalid, events)} of a signal ${forCount(invalid, 'has', 'have')} a value at ${at} that is no id, such as ${example}: an id is text or a whole number, at most 256 bytes.`,
        ]),
    ...(surplus === 0
      ? []
      : [
          `${ofAll(surplus, events)} of a signal ${forCount(surplus, 'names', 'name')} more than ${addressLimits.actors} actors at ${at}, so ${forCount(surplus, 'it counts', 'they count')} for nobody (RONDO_ADDRESSEES_TOO_MANY).`,
        ]),
    ...(unreached === 0
      ? []
      : [
          `${ofAll(unreached, events)} of a signal ${forCount(unreached, 'was', 'were')} stored before ingest knew this cycle, and ${forCount(unreached, 'is', 'are')} missing in the partitions of actors that ${forCount(unreached, 'it names', 'they name')}: give ingest the definition, and copy the log with rondo repartition (RONDO_ADDRESSEES_UNREACHED).`,
        ]),
  ]
}

const ofAll = (some: number, events: number): string => `${some} of ${counted(events, 'event')}`

function describeSharedIds({ dropped, applied }: SharedIds): string[] {
  const reason = 'and another name, time or properties: one id of an actor means one event, so'
  return [
    ...(dropped === 0
      ? []
      : [
          `${counted(dropped, 'event')} ${forCount(dropped, 'has', 'have')} the id of an earlier event of the same actor, ${reason} ${forCount(dropped, 'it was', 'they were')} dropped as ${forCount(dropped, 'a copy', 'copies')}.`,
        ]),
    ...(applied === 0
      ? []
      : [
          `${counted(applied, 'event')} ${forCount(applied, 'has', 'have')} the id of an earlier event of another actor: ids count for each actor, so ${forCount(applied, 'it was', 'they were')} applied.`,
        ]),
  ]
}

function describeSkipped(skipped: Readonly<Record<string, SkippedValues>>): string[] {
  return Object.entries(skipped).flatMap(([measure, { numerals, beyond, others, example }]) => [
    ...(numerals === 0 ? [] : [describeNumerals(measure, numerals, example)]),
    ...(beyond === 0 ? [] : [`${values(beyond, measure)} ${are(beyond)} beyond ±9000000000, and ${are(beyond)} left out.`]),
    ...(others === 0 ? [] : [`${values(others, measure)} ${others === 1 ? 'was' : 'were'} missing or not a number, and ${are(others)} left out.`]),
  ])
}

const values = (count: number, measure: string): string => `${count} ${count === 1 ? 'value' : 'values'} of \`${measure}\``
const are = (count: number): string => (count === 1 ? 'is' : 'are')

/** A number that is written with a decimal comma. */
const DECIMAL_COMMA = /^\s*[-+]?\d+(?:\.\d{3})*,\d+\s*$/

function describeNumerals(measure: string, count: number, example: string | undefined): string {
  const text = count === 1 ? 'was text, though it looks like a number' : 'were text, though they look like numbers'
  const such = example === undefined ? '' : `${count === 1 ? ':' : ', such as'} ${JSON.stringify(example)}`
  const comma = example !== undefined && DECIMAL_COMMA.test(example) ? '; in CSV, --decimal-comma reads numbers with a comma' : ''
  return `${values(count, measure)} ${text}${such}. Only numbers that are written as in JSON count, such as 1234.5${comma}.`
}

function describeSuspicious(suspicious: Readonly<Record<string, number>>): string[] {
  const kinds = Object.entries(suspicious).map(([kind, events]) => `${suspiciousName(kind)}: ${counted(events, 'event')}`)
  return kinds.length === 0 ? [] : [`Some actor ids look like a missing id, so that events of many people may count as those of one: ${kinds.join(', ')}.`]
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

/** "24 hours": the largest unit that gives a whole number above 1. */
function graceInWords(graceMs: number): string {
  const [size, name] = units.find(([ms]) => graceMs % ms === 0 && graceMs > ms) ?? [1000, 'second']
  return counted(graceMs / size, name)
}
