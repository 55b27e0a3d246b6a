import { type ActivityEvent, type CycleDefinition, definitionDefaults, type MeasureDefinition } from '#contracts'
import { dayOf } from './calendar.ts'
import { valueAt } from './condition.ts'
import { millionths, nearestNumber, SUMMAND_MAX } from './decimal.ts'
import { windowHolds, windowOf } from './window.ts'

/** An event in its actor's history; `place` is its number in the log. */
export type Applied = { id: string; time: number; place: number; signals: readonly string[]; event: ActivityEvent }

/** All applied events of an actor, in order of time, with the numbers of events before the current stage and before the last return. */
export type Past = { events: readonly Applied[]; beforeStage: number; beforeReturn: number }

/** The time zone of a definition. */
export const zoneOf = (definition: CycleDefinition): string => definition.timezone ?? definitionDefaults.timezone

/** The value of a measure at an instant, computed from all events; undefined if the measure has no value. */
export function measureValue(definition: CycleDefinition, measure: MeasureDefinition, past: Past, at: number): unknown {
  const events = inScope(definition, measure, past, at)
  if ('count' in measure) return having(events, measure.count).length
  if ('days' in measure) return new Set(having(events, measure.days).map(({ time }) => dayOf(zoneOf(definition), time))).size
  if ('distinct' in measure) return Math.min(measure.cap ?? definitionDefaults.distinctCap, distinct(having(events, measure.distinct), measure.by))
  if ('gauge' in measure) return gauge(events, measure.gauge, measure.minus)
  if ('last' in measure) return last(having(events, measure.last), measure.of)
  return numberOf(measure, events)
}

function last(events: Applied[], path: string): unknown {
  return events.map(({ event }) => valueAt(event, path)).findLast((value) => value !== undefined && value !== null)
}

function inScope(definition: CycleDefinition, measure: MeasureDefinition, past: Past, at: number): readonly Applied[] {
  if (measure.since === 'stage') return past.events.slice(past.beforeStage)
  if (measure.since === 'return') return past.events.slice(past.beforeReturn)
  if (!('within' in measure) || measure.within === undefined) return past.events
  const window = windowOf({ ...measure, within: measure.within }, zoneOf(definition))
  return past.events.filter(({ time }) => windowHolds(window, at, time))
}

function having(events: readonly Applied[], signals: string | string[]): Applied[] {
  return events.filter((event) => event.signals.some((signal) => [signals].flat().includes(signal)))
}

/** A measure of amounts. */
type NumberDefinition = Extract<MeasureDefinition, Record<'sum' | 'of', unknown> | Record<'average', unknown> | Record<'min', unknown> | Record<'max', unknown>>

/** The kinds that compute one number from the numbers in events, exactly in millionths. */
function numberOf(measure: NumberDefinition, events: readonly Applied[]): number | undefined {
  const numbers = (signals: string | string[]): bigint[] =>
    having(events, signals)
      .map(({ event }) => valueAt(event, measure.of))
      .filter((value) => typeof value === 'number' && Math.abs(value) <= SUMMAND_MAX)
      .map((value) => millionths(value as number))
  if ('sum' in measure) return nearestNumber(total(numbers(measure.sum)))
  if ('average' in measure) return average(numbers(measure.average))
  const sorted = numbers('min' in measure ? measure.min : measure.max).toSorted((a, b) => Number(a - b))
  const chosen = 'min' in measure ? sorted[0] : sorted.at(-1)
  return chosen === undefined ? undefined : nearestNumber(chosen)
}

function total(numbers: bigint[]): bigint {
  return numbers.reduce((sum, number) => sum + number, 0n)
}

/** Rounds half away from zero: doubles the quotient, adds one away from zero, and halves towards zero. */
function average(numbers: bigint[]): number | undefined {
  if (numbers.length === 0) return undefined
  const [sum, count] = [total(numbers), BigInt(numbers.length)]
  const doubled = 2n * sum + (sum < 0n ? -count : count)
  return nearestNumber(doubled / (2n * count))
}

/** Values are distinguished by JSON type and value. */
function distinct(events: Applied[], path: string): number {
  const values = events.map(({ event }) => valueAt(event, path)).filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
  return new Set(values.map((value) => JSON.stringify(value))).size
}

function gauge(events: readonly Applied[], up: string | string[], down: string | string[]): number {
  return events.reduce((level, event) => Math.max(0, level + having([event], up).length - having([event], down).length), 0)
}

/**
 * The first instant, not before `from`, at which a measure with a window changes because its oldest bucket leaves. Before that instant the
 * events of that bucket count, and at that instant they do not.
 */
export function nextChangeOf(definition: CycleDefinition, measure: MeasureDefinition, past: Past, from: number): number | undefined {
  if (!('within' in measure) || measure.within === undefined) return undefined
  const window = windowOf({ ...measure, within: measure.within }, zoneOf(definition))
  const valueAfter = (bucket: number): unknown => {
    const events = past.events.filter(({ time }) => window.bucketOf(time) > bucket)
    return measureValue(definition, { ...measure, within: undefined, buckets: undefined }, { ...past, events }, from)
  }
  const buckets = [...new Set(past.events.map(({ time }) => window.bucketOf(time)))].sort((a, b) => a - b)
  return buckets
    .filter((bucket) => window.startOf(bucket + window.count) >= from && valueAfter(bucket - 1) !== valueAfter(bucket))
    .map((bucket) => window.startOf(bucket + window.count))[0]
}
