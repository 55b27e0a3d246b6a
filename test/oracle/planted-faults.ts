/** A slip of the pen in libs/cycle, and the rule of the semantics that it breaks. */
export type PlantedFault = {
  name: string
  /** Numbers of SEMANTICS rules. */
  rule: string
  /** Below libs/. */
  file: string
  /** Occurs exactly once in the file. */
  find: string
  replace: string
  /** The seed to begin with: one that meets the fault soon. Where the generators have changed, the seeds that follow find it. */
  seed?: number
}

const WALK = 'cycle/src/fold/walk.ts'
const FOLD = 'cycle/src/fold/partition-fold.ts'
const CORRECTION = 'cycle/src/fold/correction.ts'
const TRAIL = 'cycle/src/state/trail.ts'
const PLAIN_CELLS = 'cycle/src/state/plain-cells.ts'
const WINDOW_CELLS = 'cycle/src/state/window-cells.ts'
const SHARE = 'cycle/src/compile/share-of.ts'
const LOCAL_DAYS = 'cycle/src/calendar/local-days.ts'

/** The exit code of a run that saw a disagreement; a fault that does not even run ends otherwise. */
export const FOUND = 10

/** Faults as somebody might make them, one at a time: each compiles, and most definitions and logs never meet it. */
export const plantedFaults: readonly PlantedFault[] = [
  { name: 'a deadline at the very T fires', rule: '4', file: FOLD, find: 'due.key < this.time.now', replace: 'due.key <= this.time.now' },
  { name: 'a deadline at an event fires before it', rule: '4', file: WALK, find: 'this.passTime(state, time)', replace: 'this.passTime(state, time + 1)' },
  {
    name: 'entering a stage restarts the silence',
    rule: '14',
    file: WALK,
    find: 'Math.max(state.lastActivity + this.#absenceMs(state, stage.absence), state.entered)',
    replace: 'Math.max(state.lastActivity, state.entered) + this.#absenceMs(state, stage.absence)',
  },
  { name: 'a warning is rounded down', rule: '14', file: SHARE, find: '(2n * digits * BigInt(ms) + scale)', replace: '(2n * digits * BigInt(ms))' },
  {
    name: 'half a millisecond of a warning is lost in doubles',
    rule: '14',
    file: SHARE,
    find: 'Number((2n * digits * BigInt(ms) + scale) / (2n * scale))',
    replace: 'Math.round(share * ms)',
  },
  { name: 'a warning at the entering is not dropped', rule: '14', file: WALK, find: 'at > state.entered &&', replace: 'at >= state.entered &&' },
  { name: 'each stage warns anew in one silence', rule: '14', file: WALK, find: 'state.entered = at', replace: 'state.entered = at; state.warned = false' },
  { name: 'an activity gives a spent after back', rule: '14', file: WALK, find: 'state.warned = false', replace: 'state.warned = state.spentAfter++ < 0' },
  {
    name: 'an absence stays spent',
    rule: '14',
    file: WALK,
    find: 'state.lastActivity = time',
    replace: 'state.lastActivity = time; if (state.absenceSpent) return',
  },
  { name: 'a boundary at an event is passed over', rule: '14', file: WALK, find: 'state.examined = time - 1', replace: 'state.examined = time' },
  { name: 'an event may lead back to a stage held', rule: '13', file: WALK, find: 'let held = 1 << state.stage', replace: 'let held = 0' },
  { name: 'passing time may lead back to a stage held', rule: '13', file: WALK, find: 'state.held = 1 << state.stage', replace: 'state.held = 0' },
  { name: 'a trigger counts again in the chain', rule: '13', file: WALK, find: 'due.signals = 0\n    }', replace: '}' },
  {
    name: 'previous is the stage left last',
    rule: '12',
    file: WALK,
    find: "if (stages[to]?.kind === 'active') state.previous = to",
    replace: 'state.previous = to',
  },
  { name: 'since: return begins at each transition', rule: '18', file: WALK, find: "if (kind === 'return')", replace: '' },
  { name: 'the stage’s own event counts since the stage', rule: '18', file: WALK, find: "this.#restart(state, 'stage', this.#cycle.stageScoped)", replace: '' },
  { name: 'four gaps make an absence personal', rule: '20', file: WALK, find: 'GAPS_KNOWN_MIN = 5', replace: 'GAPS_KNOWN_MIN = 4' },
  {
    name: 'a quantile is rounded to the nearest rank below',
    rule: '20',
    file: WALK,
    find: 'Math.ceil(quantile * sorted.length - 1e-9)',
    replace: 'Math.floor(quantile * sorted.length)',
  },
  { name: 'only 31 gaps are kept', seed: 7, rule: '20', file: 'cycle/src/state/actor-state.ts', find: 'GAPS_MAX = 32', replace: 'GAPS_MAX = 31' },
  {
    name: 'ids at one instant order as UTF-16',
    seed: 2,
    rule: '5',
    file: 'keyed-state/src/id-bytes.ts',
    find: 'compareBytes(utf8Of(a, atA), utf8Of(b, atB))',
    replace: '(unpackId(a, atA) < unpackId(b, atB) ? -1 : Number(unpackId(a, atA) !== unpackId(b, atB)))',
  },
  { name: 'late is told by T alone', rule: '7', file: FOLD, find: ', event.arrival) - ', replace: ') - ' },
  { name: 'what a bound pushed out may come after all', rule: '7', file: FOLD, find: "return this.#refuse(event, 'bound')", replace: '{}' },
  {
    name: 'an id is forgotten at dedupe, not after it',
    seed: 2,
    rule: '6',
    file: CORRECTION,
    find: 'trail.appliedAt(place) > ',
    replace: 'trail.appliedAt(place) >= ',
  },
  { name: 'ids are remembered without bound', rule: '6', file: CORRECTION, find: 'rank <= journalMax && ', replace: '' },
  { name: 'a journal is pushed out newest first', rule: '5', file: TRAIL, find: 'this.compareKeys(a, b))', replace: 'this.compareKeys(b, a))' },
  {
    name: 'of journals equally old the later id goes first',
    rule: '5',
    file: 'cycle/src/fold/oldest-entries.ts',
    find: 'comparePackedIds(this.#idOf(a), 0, this.#idOf(b), 0) ||',
    replace: '-comparePackedIds(this.#idOf(a), 0, this.#idOf(b), 0) ||',
  },
  {
    name: 'the implied tick of a backfill row is missing',
    rule: '3',
    file: FOLD,
    find: 'this.time.inBackfill) this.advanceTo(event.arrival)',
    replace: 'false) this.advanceTo(event.arrival)',
  },
  {
    name: 'what was due before an import ended is live once a tick fires it',
    rule: '3',
    file: 'cycle/src/fold/draft.ts',
    find: 'happening.at < issue.historyUntil',
    replace: 'happening.at < Number.NEGATIVE_INFINITY',
  },
  {
    name: 'what is due when an import ends is history',
    seed: 5,
    rule: '3',
    file: 'cycle/src/fold/draft.ts',
    find: 'happening.at < issue',
    replace: 'happening.at <= issue',
  },
  {
    name: 'an end without a beginning makes history',
    rule: '3',
    file: 'cycle/src/fold/log-time.ts',
    find: 'if (!isOpen) return',
    replace: '',
  },
  {
    name: 'a checkpoint forgets until when there was history',
    rule: '3',
    file: 'cycle/src/fold/log-time.ts',
    find: 'historyUntil: stored(this.#historyUntil)',
    replace: 'historyUntil: null',
  },
  { name: 'an unmatched event is an activity', rule: '11', file: FOLD, find: 'if (signals === 0)', replace: 'if (signals < 0)' },
  { name: 'retractions begin with the oldest', rule: '9', file: CORRECTION, find: 'outputs.push(oldest)', replace: 'outputs.unshift(oldest)' },
  { name: 'what replaces an output does not name it', rule: '9', file: CORRECTION, find: '{ ...output, corrects: oldest.retracts }', replace: 'output' },
  { name: 'corrections have seqs of their own', rule: '9', file: CORRECTION, find: 'this.#store.setSeq(slot, seq)', replace: '' },
  {
    name: 'a window holds one day more',
    rule: '19',
    file: 'cycle/src/calendar/window.ts',
    find: 'Math.ceil(lengthMs / DAY_MS)',
    replace: 'Math.floor(lengthMs / DAY_MS) + 1',
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
  { name: 'a gauge falls below zero', rule: '18', file: PLAIN_CELLS, find: ' && this.#level > 0)', replace: ')' },
  {
    name: 'distinct values in a window have no cap',
    seed: 7,
    rule: '18',
    file: WINDOW_CELLS,
    find: 'this.contents.length > this.cap',
    replace: 'this.contents.length < 0',
  },
  { name: 'sums round half towards zero', rule: '18', file: 'cycle/src/state/decimal.ts', find: ">= '5'", replace: "> '5'" },
  { name: 'from knows no kinds', rule: '12', file: 'cycle/src/compile/compile-cycle.ts', find: '[...named, ...kinds]', replace: '[...named]' },
  {
    name: 'a checkpoint forgets the seq',
    rule: '9',
    file: 'cycle/src/fold/bucket-codec.ts',
    find: 'writer.uint(this.#store.seq(slot))',
    replace: 'writer.uint(0)',
  },
  {
    name: 'the writer that opened last moves T',
    rule: '2',
    file: 'cycle/src/fold/log-time.ts',
    find: 'least = Math.min(least, time)',
    replace: 'least = time',
  },
]
