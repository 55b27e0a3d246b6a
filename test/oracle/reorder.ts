import { type ActivityEvent, type ControlRecord, type CycleDefinition, definitionDefaults, durationMs, instantOf } from '#contracts'
import { LogTime } from './log-time.ts'
import { type LogRecord, oracle, Partition } from './oracle.ts'

const isEvent = (record: LogRecord): record is ActivityEvent => !('record' in record)

/**
 * The part of a log to which rule 10 applies. It has no late events, and all copies of an id have the same time. It has no backfills either,
 * because the order of their rows affects T.
 */
export function timelyPart(definition: CycleDefinition, log: readonly LogRecord[]): LogRecord[] {
  const partition = new Partition(definition)
  const times = new Map<string, string>()
  return log.filter((record) => {
    if (!isEvent(record)) {
      if (record.record.startsWith('backfill')) return false
      partition.take(record)
      return true
    }
    const name = JSON.stringify([record.actor, record.id])
    if ((times.get(name) ?? record.time) !== record.time) return false
    const lateBefore = partition.late.length
    partition.take(record)
    if (partition.late.length > lateBefore) return false
    times.set(name, record.time)
    return true
  })
}

/**
 * The same records, with the events in another order in which none of them is late. Control records keep their order, so T does not change.
 * Events of an actor at one instant keep their order too, because the history depends on it; if events name actors, all events at one instant do. Returns the log unchanged if a bound of a
 * journal would make an event late.
 * @param picks random numbers from 0 (inclusive) to 1 (exclusive), which choose the places; the list repeats
 */
export function reordered(definition: CycleDefinition, log: readonly LogRecord[], picks: readonly number[]): LogRecord[] {
  const graceMs = durationMs(definition.grace ?? definitionDefaults.grace)
  const controls = log.filter((record): record is ControlRecord => !isEvent(record))
  const time = new LogTime()
  const logTimes = [
    time.now,
    ...controls.map((record) => {
      time.record(record)
      return time.now
    }),
  ]
  let drawn = 0
  const draw = (): number => {
    drawn += 1
    return picks[drawn % picks.length] ?? 0
  }
  const placed = log.filter(isEvent).map((event) => {
    const open = logTimes.filter((now) => now <= instantOf(event.time) + graceMs).length
    return { event, slot: Math.floor(draw() * open), place: draw() }
  })
  for (const group of Map.groupBy(placed, ({ event }) =>
    JSON.stringify([typeof definition.actor === 'string' ? event.actor : '', instantOf(event.time)]),
  ).values()) {
    const places = group.map(({ slot, place }) => ({ slot, place })).sort((a, b) => a.slot - b.slot || a.place - b.place)
    for (const [index, member] of group.entries()) Object.assign(member, places[index])
  }
  const eventsOf = (slot: number): ActivityEvent[] =>
    placed
      .filter((candidate) => candidate.slot === slot)
      .sort((a, b) => a.place - b.place)
      .map(({ event }) => event)
  const result = [...eventsOf(0), ...controls.flatMap((control, index) => [control, ...eventsOf(index + 1)])]
  return oracle(definition, result).late.length === 0 ? result : [...log]
}
