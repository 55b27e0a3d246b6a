import { type ActivityEvent, type ControlRecord, type CycleDefinition, instantOf, type LateReason } from '#contracts'
import { type ActorHistory, actorHistory } from './actor-history.ts'
import { addressedIdOf, addresseesOf } from './addressing.ts'
import { Admission } from './admission.ts'
import { wallTime } from './calendar.ts'
import { compareKeys } from './event-key.ts'
import { type Feature } from './feature.ts'
import { LogTime } from './log-time.ts'
import { type Applied, zoneOf } from './measure.ts'
import { signalsOf } from './signal.ts'

/** An entry of the log. */
export type LogRecord = ActivityEvent | ControlRecord

/** A late event. `logTime` is T at its arrival, minus infinity before the first tick. */
export type LateEvent = { actor: string; id: string; reason: LateReason; logTime: number }

/** The events of a log by what became of them. */
export type OracleCounts = {
  events: number
  applied: number
  duplicates: number
  unmatched: number
  otherActor: number
  lateByGrace: number
  lateByBound: number
  /** Undefined if there is none. */
  notAddressed?: number
}

/** What the rules give for a log. */
export type OracleResult = {
  /** The effective history and last stage of each actor that has an applied event, by its id. */
  actors: Map<string, ActorHistory>
  late: LateEvent[]
  counts: OracleCounts
  /** T at the end of the log. */
  logTime: number
  features: Set<Feature>
}

/**
 * The results of one partition's log, computed in the simplest way. It finds late events and copies in order of arrival. Then it sorts the
 * events of each actor and computes the whole history from the start.
 *
 * That is sufficient, because an event below the floor or older than the grace is never applied. So the keys of the applied events give their
 * order, and the effects of passing time depend only on that order and T.
 */
export function oracle(definition: CycleDefinition, log: readonly LogRecord[]): OracleResult {
  const partition = new Partition(definition)
  for (const record of log) partition.take(record)
  const actors = new Map([...partition.applied.keys()].map((actor) => [actor, partition.historyOf(actor)]))
  const { counts, late, applied } = partition
  return { actors, late, counts, logTime: partition.logTime, features: featuresOf(definition, log, { actors, counts, applied: [...applied.values()] }) }
}

/** The results of a partition's log up to the last record taken. */
export class Partition {
  readonly late: LateEvent[] = []
  readonly counts: OracleCounts = { events: 0, applied: 0, duplicates: 0, unmatched: 0, otherActor: 0, lateByGrace: 0, lateByBound: 0 }
  private readonly definition: CycleDefinition
  private readonly time = new LogTime()
  private readonly admission: Admission
  /** The number of events of the log so far. */
  private place = 0

  constructor(definition: CycleDefinition) {
    this.definition = definition
    this.admission = new Admission(definition)
  }

  get logTime(): number {
    return this.time.now
  }

  /** Decides the origin of outputs: in a backfill all of them are history, otherwise those of deadlines before `until`. */
  get history(): { inBackfill: boolean; until: number } {
    return { inBackfill: this.time.inBackfill, until: this.time.historyUntil }
  }

  /** Each actor's applied events, in order of arrival. */
  get applied(): ReadonlyMap<string, readonly Applied[]> {
    return this.admission.applied
  }

  take(record: LogRecord): void {
    this.takeAlone(record)
    this.takeImpliedTick(record)
  }

  /** Takes a record without the tick that a row of a backfill implies. */
  takeAlone(record: LogRecord): void {
    if ('record' in record) this.time.record(record)
    else this.takeEvent(record)
  }

  takeImpliedTick(record: LogRecord): void {
    if (!('record' in record)) this.time.row(instantOf(record.receivedAt))
  }

  historyOf(actor: string): ActorHistory {
    return actorHistory(this.definition, (this.applied.get(actor) ?? []).toSorted(compareKeys), this.logTime)
  }

  private takeEvent(event: ActivityEvent): void {
    this.place += 1
    const addressees = addresseesOf(this.definition, event)
    const signals = signalsOf(this.definition, event)
    if (addressees === undefined && event.actor.type !== this.definition.actor) this.count('otherActor')
    else if (signals.length === 0) this.count('unmatched')
    else if (addressees === undefined) this.takeFor(event.actor.id, event, { id: event.id, signals })
    else if (addressees.length === 0) this.count('notAddressed')
    else for (const actor of addressees) this.takeFor(actor, event, { id: addressedIdOf(event), signals })
    this.admission.bound()
  }

  private takeFor(actor: string, event: ActivityEvent, { id, signals }: Pick<Applied, 'id' | 'signals'>): void {
    const candidate = { id, time: instantOf(event.time), place: this.place, signals, event }
    const verdict = this.admission.admit(actor, candidate, { arrival: instantOf(event.receivedAt), now: this.logTime })
    this.count(({ applied: 'applied', duplicate: 'duplicates', grace: 'lateByGrace', bound: 'lateByBound' } as const)[verdict])
    if (verdict === 'grace' || verdict === 'bound') this.late.push({ actor, id: event.id, reason: verdict, logTime: this.logTime })
  }

  private count(outcome: keyof OracleCounts): void {
    this.counts.events += 1
    this.counts[outcome] = (this.counts[outcome] ?? 0) + 1
  }
}

/** What the rules give for one partition. */
type Results = { actors: Map<string, ActorHistory>; counts: OracleCounts; applied: readonly (readonly Applied[])[] }

const outcomeFeatures: readonly (readonly [keyof OracleCounts, Feature])[] = [
  ['lateByGrace', 'late by grace'],
  ['lateByBound', 'late by bound'],
  ['duplicates', 'duplicate'],
  ['unmatched', 'unmatched'],
  ['otherActor', 'other actor'],
  ['notAddressed', 'not addressed'],
]

function featuresOf(definition: CycleDefinition, log: readonly LogRecord[], { actors, counts, applied }: Results): Set<Feature> {
  const found = new Set<Feature>([...actors.values()].flatMap((history) => [...history.features]))
  for (const [outcome, feature] of outcomeFeatures) if ((counts[outcome] ?? 0) > 0) found.add(feature)
  if (log.some((record) => 'record' in record && record.record === 'backfill.begin')) found.add('backfill')
  for (const feature of applied.flatMap(orderFeatures)) found.add(feature)
  if (readsLocalDays(definition) && applied.some((events) => spansClockChange(zoneOf(definition), events))) found.add('dst')
  return found
}

function orderFeatures(events: readonly Applied[]): Feature[] {
  const isSame = new Set(events.map(({ time }) => time)).size < events.length
  const isMixed = events.some((event, index) => index > 0 && compareKeys(event, events[index - 1] as Applied) < 0)
  return [...(isSame ? (['same instant'] as const) : []), ...(isMixed ? (['out of order'] as const) : [])]
}

function readsLocalDays(definition: CycleDefinition): boolean {
  const windows = Object.values(definition.measures ?? {}).some((measure) => 'days' in measure || ('within' in measure && /[dw]$/.test(measure.within ?? '')))
  return windows || definition.stages.some(({ absence }) => typeof absence === 'object')
}

function spansClockChange(zone: string, events: readonly Applied[]): boolean {
  return new Set(events.map(({ time }) => wallTime(zone, time) - time)).size > 1
}
