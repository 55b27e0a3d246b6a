import { type ActivityEvent, type ControlRecord, type CycleDefinition, cycleDefinitionSchema, formatInstant, type Output } from '#contracts'
import type { HistoryEntry } from './actor-history.ts'
import { effective } from './agreement.ts'
import { runFold } from './fold-runs.ts'
import { type LogRecord, type OracleCounts, oracle } from './oracle.ts'

/** The times of examples are relative to this Thursday, 00:00 UTC. */
const ZERO = Date.parse('2026-01-01T00:00:00Z')
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

const at = (ms: number): string => formatInstant(ZERO + ms)

/** What an example says of an event beside its time. */
type EventDetails = Partial<Pick<ActivityEvent, 'id' | 'event' | 'properties'>> & { actor?: string; arrives?: number }

/** An event named A of the actor `one`; its id contains its time, so two events at one instant need explicit ids. */
export function event(ms: number, { actor = 'one', arrives = ms, ...details }: EventDetails = {}): ActivityEvent {
  return { id: `e${ms}`, type: 'track', event: 'A', actor: { type: 'user', id: actor }, time: at(ms), receivedAt: at(Math.max(ms, arrives)), ...details }
}

/** A control record at so many milliseconds after the start. */
export function control(record: ControlRecord['record'], ms: number, writer = 'w'): ControlRecord {
  return { record, writer, time: at(ms) }
}

/** The writer of the examples opens. */
export const opened = control('writer.open', 0)
/** A tick at so many milliseconds after the start. */
export const tick = (ms: number, writer = 'w'): ControlRecord => control('tick', ms, writer)

/** A valid definition with the given stages, rules and other parts; signals a, b and c are the events A, B and C. */
export function cycle(parts: Pick<CycleDefinition, 'stages' | 'transitions'> & Partial<CycleDefinition>): CycleDefinition {
  const signals = { a: { event: 'A' }, b: { event: 'B' }, c: { event: 'C' } }
  return cycleDefinitionSchema.parse({ cycle: 'example', version: 1, actor: 'user', grace: '0s', signals, ...parts })
}

/** The results of a log: entries of the effective history of each actor, late events, counts and the last T. */
type Outcome = {
  actors: ReadonlyMap<string, readonly Pick<HistoryEntry, 'kind' | 'from' | 'to' | 'at' | 'rule' | 'cause'>[]>
  late: readonly { actor: string; id: string; reason: string }[]
  counts: OracleCounts
  logTime: number
}
/** One of the two implementations of the rules. */
export type Implementation = (definition: CycleDefinition, log: readonly LogRecord[]) => Outcome

const byOracle: Implementation = (definition, log) => {
  const result = oracle(definition, log)
  return { ...result, actors: new Map([...result.actors].map(([actor, { entries }]) => [actor, entries])) }
}

const byFold: Implementation = (definition, log) => {
  const { outputs, late, ...rest } = runFold(definition, log)
  const entries = (outputs: readonly Output[]) => outputs.map((output) => ({ ...output, kind: output.kind as HistoryEntry['kind'], at: Date.parse(output.at) }))
  return {
    ...rest,
    actors: new Map([...effective(outputs)].map(([actor, remaining]) => [actor, entries(remaining)])),
    late: late.map(({ event: { actor, id }, reason }) => ({ actor: actor.id, id, reason })),
  }
}

/** The oracle and the fold: both must satisfy the examples. */
export const implementations: [string, Implementation][] = [
  ['the oracle', byOracle],
  ['the fold', byFold],
]

/** The effective history of `one`, one line for each entry, with times in days since {@link ZERO} or the unit given. */
export function historyBy(implementation: Implementation): (definition: CycleDefinition, log: readonly LogRecord[], unit?: number) => string[] {
  return (definition, log, unit = DAY) => {
    const entries = implementation(definition, log).actors.get('one') ?? []
    return entries.map(({ kind, from, to, at: instant, rule, cause }) => `${(instant - ZERO) / unit} ${kind} ${from}>${to} ${rule} ${cause}`)
  }
}
