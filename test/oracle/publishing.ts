import { type ActivityEvent, actorTypeOf, type CycleDefinition, formatInstant, instantOf, type LateRecord, type Output } from '#contracts'
import type { HistoryEntry } from './actor-history.ts'
import { addressedIdOf } from './addressing.ts'
import type { RunFold } from './agreement.ts'
import { Partition } from './oracle.ts'

const sameEntry = (a: HistoryEntry, b: HistoryEntry | undefined): boolean =>
  a.kind === b?.kind && a.from === b.from && a.to === b.to && a.at === b.at && a.rule === b.rule && a.cause === b.cause

/**
 * A fold that uses the oracle: after each record it computes the effective history of every actor again, retracts outputs that are no
 * longer in it and publishes the new ones (rule 9). It is slow and gives no evidence. It defines the outputs that a fold must publish, and their order.
 */
export const publishing: RunFold = (definition, log) => {
  const partition = new Partition(definition)
  const outputs: Output[] = []
  const late: LateRecord[] = []
  const published = new Map<string, Published>()
  const publishAll = (event?: ActivityEvent): void => {
    for (const actor of partition.applied.keys()) {
      const ofActor = published.get(actor) ?? { seq: 0, effective: [] }
      published.set(actor, ofActor)
      const { history, logTime } = partition
      outputs.push(...publish(definition, ofActor, { actor, event, entries: partition.historyOf(actor).entries, logTime, history }))
    }
  }
  for (const record of log) {
    const before = partition.late.length
    partition.takeAlone(record)
    for (const lateEvent of 'record' in record ? [] : partition.late.slice(before)) {
      late.push({
        reason: lateEvent.reason,
        logTime: Number.isFinite(lateEvent.logTime) ? formatInstant(lateEvent.logTime) : null,
        event: record as ActivityEvent,
      })
    }
    publishAll('record' in record ? undefined : record)
    partition.takeImpliedTick(record)
    publishAll()
  }
  return { outputs, late }
}

/** What was published of one actor: its last seq, and its outputs in effect with the history entries that they show. */
type Published = { seq: number; effective: { output: Output; entry: HistoryEntry }[] }
/** The history of an actor after a record. */
type Update = { actor: string; event: ActivityEvent | undefined; entries: readonly HistoryEntry[]; logTime: number; history: Partition['history'] }

function publish(definition: CycleDefinition, ofActor: Published, { actor, event, entries, logTime, history }: Update): Output[] {
  const originOf = (entry?: HistoryEntry): Output['origin'] =>
    history.inBackfill || (entry?.byTime === true && entry.at < history.until) ? 'backfill' : 'live'
  if (ofActor.effective.length === entries.length && entries.every((entry, index) => sameEntry(entry, ofActor.effective[index]?.entry))) return []
  const noticedAt = (at: number): string => formatInstant(Math.max(at, logTime, event === undefined ? at : instantOf(event.receivedAt)))
  const firstDifferent = ofActor.effective.findIndex(({ entry }, index) => !sameEntry(entry, entries[index]))
  const retracted = firstDifferent < 0 ? [] : ofActor.effective.splice(firstDifferent)
  const because = retracted.length > 0 && event !== undefined ? { because: typeof definition.actor === 'string' ? event.id : addressedIdOf(event) } : {}
  const number = (): { id: string; seq: number } => {
    ofActor.seq += 1
    return { id: `${actor} ${ofActor.seq}`, seq: ofActor.seq }
  }
  const retractions = retracted.toReversed().map(
    ({ output: { corrects: _, ...output } }): Output => ({
      ...output,
      ...number(),
      kind: 'retraction',
      origin: originOf(),
      noticedAt: noticedAt(instantOf(output.at)),
      dwellMs: null,
      retracts: output.id,
      ...because,
    }),
  )
  const corrects = retracted[0] === undefined ? {} : { corrects: retracted[0].output.id }
  const added = entries.slice(ofActor.effective.length).map((entry): Output => {
    const { byTime: _, ...parts } = entry
    const entering = ofActor.effective.findLast((other) => other.entry.kind !== 'notice')?.entry
    const output: Output = {
      ...number(),
      ...{ cycle: definition.cycle, version: definition.version, generation: 1, actor: { type: actorTypeOf(definition), id: actor } },
      ...{ ...parts, at: formatInstant(entry.at), noticedAt: noticedAt(entry.at), dwellMs: entering === undefined ? null : entry.at - entering.at },
      ...{ evidence: { measures: {}, event: null, recent: {}, deadline: null }, origin: originOf(entry), ...because, ...corrects },
    }
    ofActor.effective.push({ output, entry })
    return output
  })
  return [...retractions, ...added]
}
