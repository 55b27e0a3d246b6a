import { hash } from 'node:crypto'
import { type Actor, type Evidence, formatInstant, type Instant, type Output } from '#contracts'
import { unpackId } from '#keyed-state'
import type { CompiledCycle, CompiledMeasure, CompiledRule } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import type { ActorState } from '../state/actor-state.ts'
import { CAUSE_ABSENCE, CAUSE_AFTER, CAUSE_RUN_OUT, type PendingOutput } from '../state/pending-output.ts'

/** An output with its evidence, before it has a seq. */
export interface PreparedOutput {
  readonly pending: PendingOutput
  readonly dwellMs: number | null
  readonly evidence: Evidence
}

/** The fields that all outputs of one record or deadline share. */
export interface OutputContext {
  readonly actor: Actor
  readonly generation: number
  readonly noticedAt: Instant
  readonly origin: Output['origin']
  /** Deadlines before it were due while history was imported. */
  readonly historyUntil: Instant
  readonly because: string | undefined
}

/** Adds the evidence (rule 21). The state must be the one before the output. */
export function prepareOutput(cycle: CompiledCycle, pending: PendingOutput, state: ActorState, compact: CompactEvent | undefined): PreparedOutput {
  const { at, from, rule, cause } = pending
  const { measures: named } = cycle.rules[rule] as CompiledRule
  const measures: Record<string, unknown> = {}
  const recent: Record<string, string[]> = {}
  for (const index of named) {
    const measure = cycle.measures[index] as CompiledMeasure
    measures[measure.id] = state.accumulators[index]?.value(at) ?? null
    recent[measure.id] = recentEvents(measure, state, at)
  }
  return {
    pending,
    dwellMs: from === 0 ? null : at - state.entered,
    evidence: {
      measures,
      event: compact === undefined ? null : unpackId(compact.idBytes, 0),
      recent,
      deadline: compact === undefined ? formatInstant(at) : null,
      ...(cause === CAUSE_ABSENCE ? { silentSince: formatInstant(state.lastActivity) } : {}),
    },
  }
}

function recentEvents(measure: CompiledMeasure, state: ActorState, at: Instant): string[] {
  const { window, scope, recent } = measure
  const oldest = window === undefined ? Number.NEGATIVE_INFINITY : window.bucketOf(at) - window.span + 1
  if (recent === undefined) return []
  return state.recentEvents[recent]?.recent(scope, (time) => window === undefined || window.bucketOf(time) >= oldest) ?? []
}

/** The output to publish (rule 9; origin: rule 3). The order of its keys is the order in the feed. */
export function buildOutput(cycle: CompiledCycle, prepared: PreparedOutput, seq: number, context: OutputContext): Output {
  const { pending, dwellMs, evidence } = prepared
  const output = commonFields(cycle, pending, seq, context)
  const origin = evidence.deadline !== null && pending.at < context.historyUntil ? 'backfill' : context.origin
  return { ...output, dwellMs, evidence, origin, ...(context.because === undefined ? {} : { because: context.because }) }
}

const NO_EVIDENCE: Evidence = { measures: {}, event: null, recent: {}, deadline: null }

/** The retraction of a published output. */
export function buildRetraction(cycle: CompiledCycle, published: PendingOutput & { readonly seq: number }, seq: number, context: OutputContext): Output {
  const { actor, generation, because } = context
  return {
    ...commonFields(cycle, { ...published, kind: 'retraction' }, seq, context),
    dwellMs: null,
    evidence: { ...NO_EVIDENCE, event: because ?? null },
    origin: context.origin,
    ...(because === undefined ? {} : { because }),
    retracts: outputId(cycle.cycle, generation, actor, published.seq),
  }
}

/** The fields that transitions, notices and retractions have. */
function commonFields(cycle: CompiledCycle, pending: PendingOutput, seq: number, context: OutputContext): Omit<Output, 'dwellMs' | 'evidence' | 'origin'> {
  const { kind, from, to, rule, cause, at } = pending
  return {
    id: outputId(cycle.cycle, context.generation, context.actor, seq),
    seq,
    cycle: cycle.cycle,
    version: cycle.version,
    generation: context.generation,
    actor: context.actor,
    kind,
    from: cycle.stages[from]?.id ?? '',
    to: cycle.stages[to]?.id ?? '',
    rule: cycle.rules[rule]?.id ?? '',
    // Only a notice has equal stages. Its cause is always the absence, not the cause that the rule names.
    cause: (from === to ? undefined : cycle.rules[rule]?.cause) ?? causeName(cycle, cause),
    at: formatInstant(at),
    // T can be ahead of the arrival of an event from a slower ingest process; noticedAt is never before the time of the output.
    noticedAt: formatInstant(Math.max(context.noticedAt, at)),
  }
}

function causeName(cycle: CompiledCycle, cause: number): string {
  if (cause === CAUSE_ABSENCE) return 'absence'
  if (cause === CAUSE_AFTER) return 'after'
  return cause === CAUSE_RUN_OUT ? 'run-out' : (cycle.signals[cause]?.id ?? '')
}

/** The id of an output: the first 22 characters (132 bits) of a SHA-256 over the fields that make it unique. */
export function outputId(cycle: string, generation: number, actor: { type: string; id: string }, seq: number): string {
  return hash('sha256', JSON.stringify([cycle, generation, actor.type, actor.id, seq]), 'base64url').slice(0, 22)
}
