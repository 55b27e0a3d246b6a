import fc from 'fast-check'
import { type ActivityEvent, type CycleDefinition, durationMs, formatInstant, instantOf, senderTypeOf } from '#contracts'
import { DAY, dayOf, startOfDay } from './calendar.ts'
import { oddValues } from './generate-condition.ts'
import { type Scale, spansOf } from './generate-definition.ts'
import type { LogRecord } from './oracle.ts'

/** Days on which clocks change in some of the zones of generated definitions, and the days around 1970, where instants change sign. */
const changes = {
  'Europe/Berlin': ['2026-03-29', '2026-10-25'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
  'Atlantic/Azores': ['2026-03-29', '2026-10-25'],
  'Africa/Cairo': ['2026-04-24', '2026-10-30'],
  'America/Santiago': ['2026-04-05', '2026-09-06'],
} as Record<string, string[]>
const ORDINARY_DAYS = ['1970-01-01', '2026-01-01']

/** Some of these ids have another order in UTF-16 than in UTF-8, or another packed form. */
const actorIds = ['a', '\u{FFFD}', '\u{1F600}']
const idPrefixes = ['e', '\u{E000}', '\u{10000}', 'é']
const writers = ['w0', 'w1'] as const
const unitMs = { m: 60_000, h: 3_600_000, d: DAY }

const none = { by: 'none' as const, count: 0, shift: 0 }
const gapArb = fc.oneof(
  { weight: 5, arbitrary: fc.constant(none) },
  { weight: 10, arbitrary: fc.record({ by: fc.constant('unit' as const), count: fc.integer({ min: 1, max: 3 }), shift: fc.constantFrom(0, 0, 0, -1, 1) }) },
  { weight: 3, arbitrary: fc.record({ by: fc.constant('share' as const), count: fc.nat(1000), shift: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ by: fc.constant('span' as const), count: fc.nat(20), shift: fc.constantFrom(0, -1, 1) }) },
  { weight: 2, arbitrary: fc.record({ by: fc.constant('edge' as const), count: fc.nat(4), shift: fc.constantFrom(0, 0, -1, 1) }) },
)
/** The choices for the time between two events. */
type Gap = typeof gapArb extends fc.Arbitrary<infer T> ? T : never

const delayArb = fc.oneof({ weight: 5, arbitrary: fc.constant(none) }, { weight: 5, arbitrary: gapArb })

const eventStepArb = fc.record({
  step: fc.constant('event' as const),
  gap: gapArb,
  delay: delayArb,
  actor: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2),
  foreign: fc.nat(24).map((n) => n === 24),
  name: fc.constantFrom(...['A', 'A', 'A', 'A', 'A', 'A', 'B', 'B', 'B', 'B', 'AB', 'AB', 'AB', 'C', 'a']),
  prefix: fc.constantFrom(...idPrefixes),
  salt: fc.nat(999),
  /** Whether the event has the time of the newest event of its actor, or of all actors. */
  joins: fc.constantFrom('own' as const, 'own' as const, 'any' as const, ...(['none', 'none', 'none', 'none'] as const)),
  /** The delay of the ingest process that accepted the event, or of its clock. */
  behind: fc.oneof({ weight: 5, arbitrary: fc.constant(none) }, { weight: 1, arbitrary: gapArb }),
  objects: fc.record({ properties: objectArb(), traits: objectArb(), context: objectArb() }, { requiredKeys: [] }),
})
const copyStepArb = fc.record({
  step: fc.constant('copy' as const),
  gap: gapArb,
  of: fc.nat(40),
  otherTime: fc.nat(3).map((n) => n === 3),
  otherActor: fc.nat(9).map((n) => n === 9),
})
const tickStepArb = fc.record({ step: fc.constant('tick' as const), gap: gapArb, writer: fc.constantFrom(0, 0, 0, 1), lag: delayArb })
const writerStepArb = fc.record({ step: fc.constantFrom('writer.open' as const, 'writer.close' as const), writer: fc.constantFrom(1, 1, 1, 0) })
/** More active days than a personal absence uses. The oldest gaps are long, so that the absence changes if they are still used. */
const steadyStepsArb = fc.tuple(fc.array(eventStepArb, { minLength: 33, maxLength: 44, size: 'max' }), fc.nat(12)).map(([steps, long]) =>
  steps.map((step, n) => ({
    ...step,
    actor: 0,
    foreign: false,
    joins: 'none' as const,
    gap: { by: 'unit' as const, count: n < long ? 3 : 1, shift: 0 as const },
    delay: none,
  })),
)
const backfillStepArb = fc.record({
  step: fc.constant('backfill' as const),
  gap: gapArb,
  form: fc.constantFrom('turn' as const, 'turn' as const, 'turn' as const, 'begin' as const, 'end' as const, 'end without begin' as const),
})

const stepArb = fc.oneof(
  { weight: 20, arbitrary: eventStepArb },
  { weight: 8, arbitrary: tickStepArb },
  { weight: 3, arbitrary: copyStepArb },
  { weight: 1, arbitrary: writerStepArb },
  { weight: 4, arbitrary: backfillStepArb },
)

/** The choices from which a log is made, for any definition. */
export const logPlanArb = fc.record({
  change: fc.nat(9),
  daysBefore: fc.nat(3),
  opens: fc.nat(9).map((n) => n < 9),
  backfills: fc.nat(2).map((n) => n === 2),
  steps: fc.oneof(
    { weight: 4, arbitrary: fc.array(stepArb, { maxLength: 6 }) },
    { weight: 20, arbitrary: fc.array(stepArb, { minLength: 12, maxLength: 36, size: 'max' }) },
    { weight: 3, arbitrary: steadyStepsArb },
  ),
  last: fc.option(gapArb, { freq: 6, nil: undefined }),
})
/** The choices from which a log is made. */
export type LogPlan = typeof logPlanArb extends fc.Arbitrary<infer T> ? T : never
/** The choices for one record of the log. */
type Step = LogPlan['steps'][number]

function objectArb(): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({ n: fc.constantFrom(...oddValues), s: fc.constantFrom(...oddValues) }, { requiredKeys: [] })
}

/** The log of a plan. Arrivals grow, except for ingest processes with a delay. No time is later than its arrival. */
export function logOf(definition: CycleDefinition, scale: Scale, plan: LogPlan): LogRecord[] {
  const logWriter = new LogWriter(definition, scale, plan)
  if (plan.opens) logWriter.control('writer.open', writers[0])
  for (const step of plan.steps) if (plan.backfills || step.step !== 'backfill') logWriter.take(step)
  logWriter.finish(plan.last)
  return logWriter.log
}

/** Makes a log from its plan, record by record. */
class LogWriter {
  readonly log: LogRecord[] = []
  private readonly definition: CycleDefinition
  private readonly scale: Scale
  private readonly open = new Set<string>()
  private readonly events: ActivityEvent[] = []
  private now: number
  private inBackfill = false

  constructor(definition: CycleDefinition, scale: Scale, plan: LogPlan) {
    this.definition = definition
    this.scale = scale
    const zone = definition.timezone ?? 'UTC'
    const days = changes[zone] ?? []
    const day = [...days, ...days, ...days, ...days, ...ORDINARY_DAYS][plan.change] ?? ORDINARY_DAYS[0]
    this.now = startOfDay(zone, Date.parse(`${day}T00:00:00Z`) / DAY - plan.daysBefore)
  }

  take(step: Step): void {
    switch (step.step) {
      case 'event':
        this.event(step)
        break
      case 'copy':
        this.copy(step)
        break
      case 'tick':
        this.now = this.after(step.gap)
        this.tick(writers[step.writer] ?? writers[0], this.before(step.lag))
        break
      case 'backfill':
        this.now = this.after(step.gap)
        this.backfill(step.form)
        break
      default:
        this.control(step.step, writers[step.writer] ?? writers[0])
    }
  }

  /** Ends a backfill. In most cases all writers write one more tick, so that due deadlines fire. */
  finish(last: Gap | undefined): void {
    if (last !== undefined && this.inBackfill) this.now = this.after(last)
    if (this.inBackfill) this.control('backfill.end', 'backfill')
    if (last === undefined) return
    this.now = this.after(last)
    for (const writer of this.open) this.tick(writer, this.now)
  }

  control(record: 'writer.open' | 'writer.close' | 'backfill.begin' | 'backfill.end', writer: string): void {
    if (record === 'writer.open') this.open.add(writer)
    if (record === 'writer.close') this.open.delete(writer)
    if (writer === 'backfill') this.inBackfill = record === 'backfill.begin'
    this.log.push({ record, writer, time: formatInstant(this.now) })
  }

  /** In most cases the begin of an import or its end. Sometimes an end without a begin, or a begin inside another import. */
  private backfill(form: Extract<Step, { step: 'backfill' }>['form']): void {
    if (form === 'turn') this.control(this.inBackfill ? 'backfill.end' : 'backfill.begin', 'backfill')
    else if (form === 'end without begin') this.log.push({ record: 'backfill.end', writer: 'stranger', time: formatInstant(this.now) })
    else this.control(`backfill.${form}`, 'backfill')
  }

  private tick(writer: string, time: number): void {
    this.log.push({ record: 'tick', writer, time: formatInstant(time) })
  }

  private event({ gap, delay, actor, foreign, name, prefix, salt, joins, behind, objects }: Extract<Step, { step: 'event' }>): void {
    this.now = this.after(gap)
    const id = actorIds[actor] ?? 'a'
    const joined = joins === 'none' ? undefined : this.events.findLast((other) => joins === 'any' || other.actor.id === id)
    const time = joined?.time ?? formatInstant(this.before(delay))
    this.push({
      // Ids are independent of the order of events.
      id: `${prefix}${salt}.${this.events.length}`,
      type: 'track',
      event: name,
      actor: { type: foreign ? 'band' : senderTypeOf(this.definition), id },
      time,
      receivedAt: formatInstant(Math.max(instantOf(time), this.before(behind))),
      ...objects,
    })
  }

  private copy({ gap, of, otherTime, otherActor }: Extract<Step, { step: 'copy' }>): void {
    this.now = this.after(gap)
    const original = this.events[of % Math.max(1, this.events.length)]
    if (original === undefined) return
    const actor = otherActor ? { ...original.actor, id: actorIds[1] ?? 'a' } : original.actor
    const time = otherTime ? formatInstant(this.now) : original.time
    this.push({ ...original, actor, time, receivedAt: formatInstant(this.now) })
  }

  private push(event: ActivityEvent): void {
    this.events.push(event)
    this.log.push(event)
  }

  private after(gap: Gap): number {
    if (gap.by !== 'edge') return this.now + this.lengthOf(gap)
    return Math.max(this.now, this.bucketStart(this.now, 1 + gap.count) + gap.shift)
  }

  /** The time of an event, at most now, because it must not be later than the arrival. */
  private before(delay: Gap): number {
    if (delay.by === 'edge') return Math.min(this.now, this.bucketStart(this.now, -delay.count) + delay.shift)
    return Math.min(this.now, this.now - this.lengthOf(delay))
  }

  private lengthOf({ by, count, shift }: Gap): number {
    if (by === 'none' || by === 'edge') return 0
    const spans = spansOf(this.definition)
    const unit = unitMs[this.scale]
    const length = { unit: count * unit, share: Math.floor((count / 1000) * unit), span: durationMs(spans[count % spans.length] ?? '1h') }[by]
    return Math.max(0, length + shift)
  }

  /** The begin of a bucket of the case's windows: of the bucket of an instant, or of a later bucket. */
  private bucketStart(at: number, further: number): number {
    const zone = this.definition.timezone ?? 'UTC'
    const unit = unitMs[this.scale]
    return this.scale === 'd' ? startOfDay(zone, dayOf(zone, at) + further) : (Math.floor(at / unit) + further) * unit
  }
}
