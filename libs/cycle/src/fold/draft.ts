import { type Actor, type Evidence, formatInstant, type Instant, type Output } from '#contracts'
import { unpackId } from '#keyed-state'
import type { CompiledCycle, CompiledMeasure, CompiledRule } from '../compile/compiled-cycle.ts'
import type { ActorState } from '../state/actor-state.ts'
import type { Digest } from './digest.ts'
import { outputId } from './long-key.ts'
import { CAUSE_ABSENCE, CAUSE_AFTER, CAUSE_RUN_OUT, type Happening } from './walk.ts'

/** An output before it has its place in the actor's sequence. */
export interface Draft {
  readonly happening: Happening
  readonly dwellMs: number | null
  readonly evidence: Evidence
}

/** What all outputs of one step have in common. */
export interface Issue {
  readonly actor: Actor
  readonly generation: number
  readonly noticedAt: Instant
  readonly origin: Output['origin']
  /** Deadlines before it were due while history went in. */
  readonly historyUntil: Instant
  readonly because: string | undefined
}

/** The evidence (rule 21): what satisfied a rule, while the state is still as it was then. */
export function draft(cycle: CompiledCycle, happening: Happening, state: ActorState, digest: Digest | undefined): Draft {
  const { at, from, rule, cause } = happening
  const { measures: named } = cycle.rules[rule] as CompiledRule
  const measures: Record<string, unknown> = {}
  const recent: Record<string, string[]> = {}
  for (const index of named) {
    const measure = cycle.measures[index] as CompiledMeasure
    measures[measure.id] = state.accumulators[index]?.value(at) ?? null
    recent[measure.id] = recentEvents(measure, state, at)
  }
  return {
    happening,
    dwellMs: from === 0 ? null : at - state.entered,
    evidence: {
      measures,
      event: digest === undefined ? null : unpackId(digest.id, 0),
      recent,
      deadline: digest === undefined ? formatInstant(at) : null,
      ...(cause === CAUSE_ABSENCE ? { silentSince: formatInstant(state.lastActivity) } : {}),
    },
  }
}

function recentEvents(measure: CompiledMeasure, state: ActorState, at: Instant): string[] {
  const { window, scope, track } = measure
  const oldest = window === undefined ? Number.NEGATIVE_INFINITY : window.bucketOf(at) - window.span + 1
  return state.tracks[track]?.recent(scope, (time) => window === undefined || window.bucketOf(time) >= oldest) ?? []
}

/** The output that a draft becomes (rule 9; its origin: rule 3); keys stand in the order in which they are written. */
export function issueOutput(cycle: CompiledCycle, drafted: Draft, seq: number, issue: Issue): Output {
  const { happening, dwellMs, evidence } = drafted
  const output = body(cycle, happening, seq, issue)
  const origin = evidence.deadline !== null && happening.at < issue.historyUntil ? 'backfill' : issue.origin
  return { ...output, dwellMs, evidence, origin, ...(issue.because === undefined ? {} : { because: issue.because }) }
}

const NO_EVIDENCE: Evidence = { measures: {}, event: null, recent: {}, deadline: null }

/** The retraction of a published output. */
export function issueRetraction(cycle: CompiledCycle, published: Happening & { readonly seq: number }, seq: number, issue: Issue): Output {
  const { actor, generation, because } = issue
  return {
    ...body(cycle, { ...published, kind: 'retraction' }, seq, issue),
    dwellMs: null,
    evidence: { ...NO_EVIDENCE, event: because ?? null },
    origin: issue.origin,
    ...(because === undefined ? {} : { because }),
    retracts: outputId(cycle.cycle, generation, actor, published.seq),
  }
}

function body(cycle: CompiledCycle, happening: Happening, seq: number, issue: Issue): Omit<Output, 'dwellMs' | 'evidence' | 'origin'> {
  const { kind, from, to, rule, cause, at } = happening
  return {
    id: outputId(cycle.cycle, issue.generation, issue.actor, seq),
    seq,
    cycle: cycle.cycle,
    version: cycle.version,
    generation: issue.generation,
    actor: issue.actor,
    kind,
    from: cycle.stages[from]?.id ?? '',
    to: cycle.stages[to]?.id ?? '',
    rule: cycle.rules[rule]?.id ?? '',
    // Only a notice stays in its stage; it warns of an absence, whatever the rule will call that.
    cause: (from === to ? undefined : cycle.rules[rule]?.cause) ?? causeName(cycle, cause),
    at: formatInstant(at),
    // A door may be behind another: an event that causes a correction can have arrived before what follows from others became true.
    noticedAt: formatInstant(Math.max(issue.noticedAt, at)),
  }
}

function causeName(cycle: CompiledCycle, cause: number): string {
  if (cause === CAUSE_ABSENCE) return 'absence'
  if (cause === CAUSE_AFTER) return 'after'
  return cause === CAUSE_RUN_OUT ? 'run-out' : (cycle.signals[cause]?.id ?? '')
}
