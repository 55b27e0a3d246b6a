// The relations of history, computed plainly from the feed and the log, all of it in memory: what the follower is compared with.
import { type ActivityEvent, type CycleDefinition, instantOf, type Output } from '#contracts'
import { compileCycle, PartitionFold } from '#cycle'
import { decodeFrame } from '#pipeline'
import type { LogRecord } from '../oracle/oracle.ts'

/** A row of a relation, with the actor's id in place of its number. */
export type Row = Readonly<Record<string, string | number | null>>
/** The rows of each relation, as JSON, sorted. */
export type Relations = Readonly<Record<'transitions' | 'stays' | 'active' | 'traits', string[]>>

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

/** The relations after a whole feed and log. */
export function expectedRelations(definition: CycleDefinition, log: readonly LogRecord[], feed: readonly Output[]): Relations {
  return {
    transitions: sorted(transitionsOf(feed)),
    stays: sorted(staysOf(feed)),
    active: sorted(activeOf(definition, log)),
    traits: sorted(newestTraits(definition, log)),
  }
}

/** The retraction of each output that has one, by its id. */
const retractionsOf = (feed: readonly Output[]): Map<string | undefined, Output> =>
  new Map(feed.filter(({ kind }) => kind === 'retraction').map((output) => [output.retracts, output]))

function transitionsOf(feed: readonly Output[]): Row[] {
  const retractions = retractionsOf(feed)
  const published = feed.filter(({ kind }) => kind !== 'retraction')
  return published.map(({ id, actor, seq, kind, from, to, rule, cause, at, noticedAt, dwellMs, origin }) => {
    const retraction = retractions.get(id)
    return {
      id: actor.id,
      ...{
        seq,
        kind,
        from_stage: from === 'start' ? null : from,
        to_stage: to,
        rule,
        cause,
        at: instantOf(at),
        noticed_at: instantOf(noticedAt),
        dwell_ms: dwellMs,
        origin,
      },
      retracted_at: retraction === undefined ? null : instantOf(retraction.noticedAt),
    }
  })
}

function staysOf(feed: readonly Output[]): Row[] {
  const retractions = retractionsOf(feed)
  const moves = feed.filter(({ id, kind }) => kind !== 'notice' && kind !== 'retraction' && !retractions.has(id))
  const byActor = Map.groupBy(moves, ({ actor }) => actor.id)
  return moves.map(({ actor, seq, to, at }) => {
    const next = byActor
      .get(actor.id)
      ?.filter((move) => move.seq > seq)
      .sort((a, b) => a.seq - b.seq)[0]
    const stay = { id: actor.id, seq, stage: to, entered_at: instantOf(at) }
    return {
      ...stay,
      left_at: next === undefined ? null : instantOf(next.at),
      next_stage: next?.to ?? null,
      exit_kind: next?.kind ?? null,
      exit_cause: next?.cause ?? null,
    }
  })
}

/** The quarters of the events that the fold applies. */
function activeOf(definition: CycleDefinition, log: readonly LogRecord[]): Row[] {
  const rows = new Map<string, Row>()
  const fold = new PartitionFold(compileCycle(definition), {
    decided(event, disposition) {
      if (disposition !== 'applied' && disposition !== 'out-of-order') return
      const row = { id: event.actorId, slot: Math.floor(event.time / 900_000) }
      rows.set(JSON.stringify(row), row)
    },
  })
  for (const entry of decodeFrame(log.map((record) => JSON.stringify(record)).join('\n'))) {
    if (entry.kind !== 'poison') fold.apply(entry.kind === 'event' ? entry.event : entry.record)
  }
  return [...rows.values()]
}

/** Whether it is a value that people group by, or the removal of one. */
const isKept = (value: unknown): boolean =>
  value === null || typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.isWellFormed() && value.length <= 200)

function newestTraits({ actor }: CycleDefinition, log: readonly LogRecord[]): Row[] {
  const type = typeof actor === 'string' ? actor : actor.type
  const events = log.filter((record): record is ActivityEvent => !('record' in record) && record.actor.type === type)
  const said = events.flatMap(({ actor: { id }, time, traits = {} }) =>
    Object.entries(traits).map(([name, value]) => ({ id, name, value: value === null ? null : String(value), since: instantOf(time), isKept: isKept(value) })),
  )
  // A stable sort: of two events at one time the later one in the log is the last.
  const newest = new Map<string, Row>()
  for (const { isKept: kept, ...row } of said.sort((a, b) => a.since - b.since)) if (kept) newest.set(JSON.stringify([row.id, row.name]), row)
  return [...newest.values()].filter(({ value }) => value !== null)
}
