import { formatInstant, type Instant, type LateReason, type LateRecord, type Output } from '#contracts'
import { type AddressedEvent, compileCycle, type Disposition, describeRemarks, type FoldEvent, type FoldSink, PartitionFold } from '#cycle'
import { IdClashes, type SourceRow, toActivityEvent } from '#sources'
import type { ProgressLine } from '../progress-line.ts'
import { noteId, rememberMsOf } from '../rows/row-ids.ts'
import { FinalOutputs } from './final-outputs.ts'
import type { ReplayPlan } from './replay-plan.ts'
import { StageTally } from './stage-tally.ts'

/** What a replay has done with the events. */
export interface RunReport {
  /** The outcome of the events. */
  readonly events: Readonly<Record<Disposition, number>>
  readonly actors: number
  readonly retractions: number
  readonly stages: StageTally
  /** Times of the earliest and the latest event; undefined if there are no events. */
  readonly span: { readonly first: Instant; readonly last: Instant } | undefined
  /** Log time at the end; undefined if it never moved. */
  readonly end: Instant | undefined
  /** The time zone of the local days on which outcomes depend; undefined if no outcome depends on clock changes. */
  readonly changingZone: string | undefined
  /** The sentences of {@link describeRemarks} on the events. */
  readonly remarks: readonly string[]
}

/**
 * Folds the rows of a replay once, writes the outputs and counts them. The work is divided into steps of a limited number of rows and outputs:
 * the outputs of a step are written before the next step begins.
 */
export class ReplayRun {
  readonly #plan: ReplayPlan
  readonly #progress: ProgressLine
  readonly #fold: PartitionFold
  readonly #tally = new StageTally()
  readonly #finals: FinalOutputs
  readonly #idClashes: IdClashes
  /** The number of rows and outputs that this step can take before it ends. */
  #left: number
  #taken = 0
  #retractions = 0
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(plan: ReplayPlan, progress: ProgressLine) {
    this.#plan = plan
    this.#progress = progress
    this.#left = plan.batch
    this.#finals = new FinalOutputs((output) => {
      this.#tally.add(output)
      if (output.line !== undefined) plan.output.write(output.line)
    })
    const sink: FoldSink = {
      output: (output) => this.#publish(output),
      late: (event, reason) => this.#recordLate(event, reason),
      decided: (event, disposition) => {
        if (matchesSignal(disposition)) noteId(rowOf(event), this.#idClashes)
      },
    }
    const cycle = compileCycle(plan.definition)
    this.#fold = new PartitionFold(cycle, sink, { replay: true })
    this.#idClashes = new IdClashes(rememberMsOf(cycle))
  }

  /** Folds rows, which must be in order of arrival. @throws the reason of `stop`, after the step in which it was aborted */
  async foldRows(rows: readonly SourceRow[], stop: AbortSignal): Promise<void> {
    for (const row of rows) {
      this.#first = Math.min(this.#first, row.time)
      this.#last = Math.max(this.#last, row.time)
      this.#taken += 1
      this.#left -= 1
      let progress = this.#fold.apply(row, this.#left)
      for (; progress === 'more'; progress = this.#fold.fire(this.#left)) await this.#endStep(stop)
      if (this.#left <= 0) await this.#endStep(stop)
    }
  }

  /** Moves log time to the end of the plan, and writes all outputs that were not written yet. */
  async end(stop: AbortSignal): Promise<void> {
    const { until, output, late } = this.#plan
    if (until !== undefined) this.#fold.apply({ record: 'tick', writer: 'replay', time: formatInstant(until) }, 0)
    while (this.#fold.fire(this.#left) === 'more') await this.#endStep(stop)
    this.#finals.releaseBefore(Number.POSITIVE_INFINITY)
    await output.flush()
    await late?.flush()
  }

  report(): RunReport {
    const { counts, actors, time } = this.#fold.state
    return {
      events: counts,
      actors,
      retractions: this.#retractions,
      stages: this.#tally,
      span: this.#taken === 0 ? undefined : { first: this.#first, last: this.#last },
      end: Number.isFinite(time.now) ? time.now : undefined,
      changingZone: this.#fold.cycle.changingZone,
      remarks: this.#remarks(),
    }
  }

  #remarks(): string[] {
    const { counts, remarks, paths: pathCounts } = this.#fold.state
    const late = { events: counts['late-grace'], graceMs: this.#fold.cycle.graceMs }
    const events = this.#taken - counts['other-actor']
    const paths = this.#fold.cycle.addressing?.paths
    return describeRemarks(remarks.record(), { near: remarks.near, paths, pathCounts: pathCounts.record(), events, late, sharedIds: this.#idClashes.counts })
  }

  #publish(output: Output): void {
    const line = `${JSON.stringify(output)}\n`
    if (!this.#plan.effective) this.#plan.output.write(line)
    if (output.kind === 'retraction') this.#retractions += 1
    this.#finals.add(output, this.#plan.effective ? line : undefined)
    this.#left -= 1
  }

  #recordLate(event: FoldEvent | AddressedEvent, reason: LateReason): void {
    if (this.#plan.late === undefined) return
    const { now } = this.#fold.state.time
    const addressed = 'sent' in event ? { addressed: { type: event.actorType, id: event.actorId } } : {}
    const record: LateRecord = { reason, logTime: Number.isFinite(now) ? formatInstant(now) : null, event: toActivityEvent(rowOf(event)), ...addressed }
    this.#plan.late.write(`${JSON.stringify(record)}\n`)
  }

  async #endStep(stop: AbortSignal): Promise<void> {
    const { output, late, batch, rows } = this.#plan
    const { cycle, state } = this.#fold
    const { time } = state
    this.#left = batch
    // Rows in order of time cause no retractions, so their outputs are final at once.
    this.#finals.releaseBefore(rows.asRecorded === true ? time.now - cycle.graceMs : Number.POSITIVE_INFINITY)
    await output.drain()
    await late?.drain()
    await this.#progress.show(() => `${this.#taken} events folded, at ${formatInstant(time.now)}`)
    stop.throwIfAborted()
  }
}

/** The fold passes on the row object that it got, so the event is a row. */
const rowOf = (event: FoldEvent | AddressedEvent): SourceRow => ('sent' in event ? event.sent : event) as SourceRow

const matchesSignal = (disposition: Disposition): boolean => disposition !== 'unmatched' && disposition !== 'other-actor'
