import { addressingFaults } from './planted-addressing-faults.ts'

/** A fault in libs/cycle, and the rule that it breaks. */
export type PlantedFault = {
  name: string
  /** The number of the broken rule in docs/reference/semantics.md. */
  rule: string
  /** The path of the file in libs/. */
  file: string
  /** The text that `replace` replaces. It occurs exactly once in the file. */
  find: string
  replace: string
  /** The first seed of the comparison, 1 if undefined. It was chosen to find the fault in few cases; the next seeds find it too. */
  seed?: number
  /** Whether only cases with every kind of measure find the fault. */
  needsAllKinds?: true
  /** Whether only definitions that count events for the actors that they name find the fault. */
  needsAddressing?: true
}

const EVALUATOR = 'cycle/src/fold/stage-evaluator.ts'
const FOLD = 'cycle/src/fold/partition-fold.ts'
const CORRECTION = 'cycle/src/fold/correction.ts'
const CHAIN = 'cycle/src/state/record-chain.ts'
const KINDS = 'cycle/src/measures/kinds'
const EXTREME = 'cycle/src/measures/extreme.ts'
const SHARE = 'cycle/src/compile/share-of.ts'
const LOCAL_DAYS = 'cycle/src/calendar/local-days.ts'

/** The exit code of a run with a disagreement. A run that fails has another exit code. */
export const DISAGREEMENT_EXIT_CODE = 10

/** Typical mistakes, which are planted one at a time. The fold still runs with each of them, and most of its outcomes stay right. */
export const plantedFaults: readonly PlantedFault[] = [
  { name: 'deadlines at T fire too', rule: '4', file: FOLD, find: 'due.key < this.#time.now', replace: 'due.key <= this.#time.now' },
  {
    name: 'a deadline at the time of an event fires before it',
    rule: '4',
    file: EVALUATOR,
    find: 'this.passTime(state, time)',
    replace: 'this.passTime(state, time + 1)',
  },
  {
    name: 'entering a stage restarts the silence',
    rule: '14',
    file: EVALUATOR,
    find: 'Math.max(state.lastActivity + this.#absenceMs(state, stage.absence), state.entered)',
    replace: 'Math.max(state.lastActivity, state.entered) + this.#absenceMs(state, stage.absence)',
  },
  { name: 'a warning is rounded down', rule: '14', file: SHARE, find: '(2n * digits * BigInt(ms) + scale)', replace: '(2n * digits * BigInt(ms))' },
  {
    name: 'the time of a warning is computed in doubles',
    rule: '14',
    file: SHARE,
    find: 'Number((2n * digits * BigInt(ms) + scale) / (2n * scale))',
    replace: 'Math.round(share * ms)',
  },
  { name: 'a warning at the time of entering is not dropped', rule: '14', file: EVALUATOR, find: 'at > state.entered &&', replace: 'at >= state.entered &&' },
  {
    name: 'each stage gives a warning in one silence',
    rule: '14',
    file: EVALUATOR,
    find: 'state.entered = at',
    replace: 'state.entered = at; state.warned = false',
  },
  {
    name: 'an activity changes which after rules are spent',
    rule: '14',
    file: EVALUATOR,
    find: 'state.warned = false',
    replace: 'state.warned = state.spentAfter++ < 0',
  },
  {
    name: 'an activity does not make a spent absence due again',
    rule: '14',
    file: EVALUATOR,
    find: 'state.lastActivity = time',
    replace: 'state.lastActivity = time; if (state.absenceSpent) return',
  },
  {
    name: 'a bucket boundary at the time of an event is skipped',
    rule: '14',
    file: EVALUATOR,
    find: 'state.examined = time - 1',
    replace: 'state.examined = time',
  },
  { name: 'an event can lead back to a visited stage', rule: '13', file: EVALUATOR, find: 'let visited = 1 << state.stage', replace: 'let visited = 0' },
  {
    name: 'passing time can lead back to a visited stage',
    rule: '13',
    file: EVALUATOR,
    find: 'state.visited = 1 << state.stage',
    replace: 'state.visited = 0',
  },
  { name: 'the trigger of the event matches rules of the chain', rule: '13', file: EVALUATOR, find: 'due.signals = 0\n    }', replace: '}' },
  {
    name: 'previous is the last stage of any kind',
    rule: '12',
    file: EVALUATOR,
    find: "if (stages[to]?.kind === 'active') state.previous = to",
    replace: 'state.previous = to',
  },
  { name: 'since: return begins at each transition', rule: '18', file: EVALUATOR, find: "if (kind === 'return')", replace: '' },
  {
    name: 'a measure since the stage counts the event that entered the stage',
    rule: '18',
    file: EVALUATOR,
    find: "this.#restart(state, 'stage', this.#cycle.stageScoped)",
    replace: '',
  },
  { name: 'four gaps make an absence personal', rule: '20', file: EVALUATOR, find: 'GAPS_KNOWN_MIN = 5', replace: 'GAPS_KNOWN_MIN = 4' },
  {
    name: 'the rank of a quantile is rounded down',
    rule: '20',
    file: EVALUATOR,
    find: 'Math.ceil(quantile * sorted.length - 1e-9)',
    replace: 'Math.floor(quantile * sorted.length)',
  },
  { name: 'only 31 gaps are kept', rule: '20', file: 'cycle/src/state/actor-state.ts', find: 'GAPS_MAX = 32', replace: 'GAPS_MAX = 31' },
  { name: 'events of one instant are folded in reverse order after a correction', rule: '5', file: CHAIN, find: '...newer.reverse()]', replace: '...newer]' },
  { name: 'an event at the time of an effective deadline is in order', rule: '8', file: FOLD, find: 'state.lastEffect < event.time', replace: 'true' },
  { name: 'every event at the time of the floor is late', rule: '7', file: CORRECTION, find: 'time < chain.time(floor)', replace: 'time <= chain.time(floor)' },
  {
    name: 'events that the bound of an actor pushes out are not marked',
    rule: '5',
    file: CORRECTION,
    find: '    chain.findBase()\n    this.#journals.markPushedOut(chain, now)\n',
    replace: '    chain.findBase()\n',
  },
  {
    name: 'the id of a pushed-out event stays in the journal',
    rule: '6',
    file: CORRECTION,
    find: '    this.#journals.markPushedOut(chain, now)\n    return',
    replace: '    return',
  },
  {
    name: 'lateness depends on log time only, not on the arrival of the event',
    rule: '7',
    file: FOLD,
    find: 'lateBefore(this.#time.now, event.arrival, ',
    replace: 'lateBefore(this.#time.now, this.#time.now, ',
  },
  { name: 'an event below the floor is applied', rule: '7', file: FOLD, find: "return this.#recordLate(event, 'bound')", replace: '{}' },
  {
    name: 'an id is dropped when its age is equal to dedupe, not greater',
    seed: 2,
    rule: '6',
    file: CORRECTION,
    find: 'chain.appliedAt(search.address) > ',
    replace: 'chain.appliedAt(search.address) >= ',
  },
  { name: 'ids are never dropped because of their age', rule: '6', file: CORRECTION, find: 'search.eventsMet <= journalMax && !', replace: '!' },
  { name: 'a journal pushes out its newest event first', rule: '5', file: CHAIN, find: 'this.time(a) - this.time(b)', replace: 'this.time(b) - this.time(a)' },
  {
    name: 'the newest of several entries with one time is pushed out first',
    rule: '5',
    file: 'cycle/src/fold/oldest-entries.ts',
    find: '(this.#of(a).place - this.#of(b).place) | 0',
    replace: '(this.#of(b).place - this.#of(a).place) | 0',
  },
  {
    name: 'the implied tick of a backfill row is missing',
    rule: '3',
    file: FOLD,
    find: 'this.#time.inBackfill) this.#advanceTime(event.arrival)',
    replace: 'false) this.#advanceTime(event.arrival)',
  },
  {
    name: 'a deadline before the end of an import has the origin live',
    rule: '3',
    file: 'cycle/src/fold/output-builder.ts',
    find: 'pending.at < context.historyUntil',
    replace: 'pending.at < Number.NEGATIVE_INFINITY',
  },
  {
    name: 'a deadline at the end of an import has the origin backfill',
    seed: 5,
    rule: '3',
    file: 'cycle/src/fold/output-builder.ts',
    find: 'pending.at < context',
    replace: 'pending.at <= context',
  },
  { name: 'an end without a begin counts as the end of a backfill', rule: '3', file: 'cycle/src/fold/log-time.ts', find: 'if (!isOpen) return', replace: '' },
  {
    name: 'a checkpoint loses the end of the last backfill',
    seed: 9,
    rule: '3',
    file: 'cycle/src/fold/log-time.ts',
    find: 'historyUntil: stored(this.#historyUntil)',
    replace: 'historyUntil: null',
  },
  {
    name: 'noticedAt is before the time of the output',
    rule: '9',
    file: 'cycle/src/fold/output-builder.ts',
    find: 'Math.max(context.noticedAt, at)',
    replace: 'context.noticedAt',
  },
  { name: 'an unmatched event is an activity', rule: '11', file: FOLD, find: 'if (signals === 0)', replace: 'if (signals < 0)' },
  { name: 'retractions begin with the oldest', rule: '9', file: CORRECTION, find: 'outputs.push(oldest)', replace: 'outputs.unshift(oldest)' },
  { name: 'a replacing output has no corrects', rule: '9', file: CORRECTION, find: '{ ...output, corrects: oldest.retracts }', replace: 'output' },
  { name: 'corrections do not store their seq', rule: '9', file: CORRECTION, find: 'this.#store.setSeq(slot, seq)', replace: '' },
  {
    name: 'a window of days is one day too long',
    rule: '19',
    file: 'cycle/src/calendar/window.ts',
    find: 'Math.ceil(lengthMs / DAY_MS)',
    replace: 'Math.floor(lengthMs / DAY_MS) + 1',
  },
  {
    name: 'the buckets of a window are ignored',
    rule: '19',
    file: 'cycle/src/calendar/window.ts',
    find: 'if (bucketMs !== undefined) return fixedWindow(lengthMs, bucketMs)',
    replace: '',
  },
  { name: 'local days are those of UTC', rule: '19', file: LOCAL_DAYS, find: '(at + segment.offset)', replace: '(at)' },
  {
    name: 'a local day begins with the later midnight',
    seed: 7,
    rule: '19',
    file: LOCAL_DAYS,
    find: 'start = Math.min(start, first)',
    replace: 'start = first',
  },
  { name: 'a gauge falls below zero', rule: '18', file: `${KINDS}/gauge.ts`, find: ' && this.#level > 0)', replace: ')' },
  {
    name: 'a count of distinct values in a window has no cap',
    seed: 7,
    rule: '18',
    file: 'cycle/src/measures/buckets.ts',
    find: 'this.contents.length > this.cap',
    replace: 'this.contents.length < 0',
  },
  { name: 'sums round half towards zero', seed: 9, rule: '18', file: 'cycle/src/measures/decimal.ts', find: ">= '5'", replace: "> '5'" },
  {
    name: 'a min is a max',
    seed: 5,
    rule: '18',
    needsAllKinds: true,
    file: `${KINDS}/min.ts`,
    find: "new WindowExtreme('min', window)",
    replace: "new WindowExtreme('max', window)",
  },
  {
    name: 'a window drops every amount after its max',
    seed: 5,
    rule: '19',
    needsAllKinds: true,
    file: EXTREME,
    find: 'if (this.buckets.at(-1) === bucket) return',
    replace: 'if (this.contents.length > 0) return',
  },
  {
    name: 'a max in a window without amounts is 0',
    rule: '18',
    needsAllKinds: true,
    file: EXTREME,
    find: '(this.contents[from] as Decimal) : undefined',
    replace: '(this.contents[from] as Decimal) : 0',
  },
  {
    name: 'an average rounds half towards zero',
    seed: 6,
    rule: '18',
    needsAllKinds: true,
    file: 'cycle/src/measures/decimal.ts',
    find: '2 * rest >= count',
    replace: '2 * rest > count',
  },
  {
    name: 'an average counts events, not amounts',
    seed: 5,
    rule: '18',
    needsAllKinds: true,
    file: `${KINDS}/average.ts`,
    find: 'if (amount === undefined) return\n',
    replace: 'if (amount === undefined) { const last = this.contents.at(-1); if (last) last.count += 1; return }\n',
  },
  { name: 'from does not accept kinds', rule: '12', file: 'cycle/src/compile/compile-cycle.ts', find: '[...named, ...kinds]', replace: '[...named]' },
  {
    name: 'a checkpoint loses the seq',
    rule: '9',
    file: 'cycle/src/fold/bucket-codec.ts',
    find: 'writer.uint(this.#store.seq(slot))',
    replace: 'writer.uint(0)',
  },
  {
    name: 'log time is the time of the writer that opened last',
    rule: '2',
    file: 'cycle/src/fold/log-time.ts',
    find: 'least = Math.min(least, time)',
    replace: 'least = time',
  },
  ...addressingFaults,
]
