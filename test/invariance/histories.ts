import type { CycleDefinition, LateRecord, Output } from '#contracts'
import { effective } from '../oracle/agreement.ts'
import { type LateEvent, type LogRecord, oracle } from '../oracle/oracle.ts'

/** The effective history of each actor that has one, as lines. */
export type Histories = Readonly<Record<string, readonly string[]>>

const line = ({ at, kind, from, to, rule, cause }: Pick<Output, 'at' | 'kind' | 'from' | 'to' | 'rule' | 'cause'>): string =>
  `${at} ${kind} ${from} -> ${to} by ${rule} for ${cause}`

/** The histories in the outputs of a fold, of all its partitions. */
export const historiesOf = (outputs: readonly Output[]): Histories =>
  Object.fromEntries([...effective(outputs)].filter(([, own]) => own.length > 0).map(([actor, own]) => [actor, own.map(line)]))

/** The late events in the records of a fold, of all its partitions: for whom each was late, and why. */
export const lateIn = (records: readonly LateRecord[]): string[] =>
  records.map(({ event, addressed = event.actor, reason }) => lateLine({ id: event.id, actor: addressed.id, reason })).sort()

const lateLine = ({ id, actor, reason }: Pick<LateEvent, 'id' | 'actor' | 'reason'>): string => `${id} for ${actor}: ${reason}`

/** The histories, and the late events, that the oracle finds in a log, as one partition. */
export function expected(definition: CycleDefinition, log: readonly LogRecord[]): { readonly histories: Histories; readonly late: readonly string[] } {
  const { actors, late } = oracle(definition, log)
  const histories = [...actors].filter(([, { entries }]) => entries.length > 0)
  return {
    histories: Object.fromEntries(
      histories.map(([actor, { entries }]) => [actor, entries.map(({ at, ...entry }) => line({ ...entry, at: new Date(at).toISOString() }))]),
    ),
    late: late.map(lateLine).sort(),
  }
}
