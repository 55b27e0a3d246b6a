import { durationMs, type MeasureDefinition, measurePathOf, measureSignalsOf } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import { type Window, windowOf } from '../calendar/window.ts'
import type { AccumulatorContext } from '../measures/measure-kind.ts'
import { kindOf } from '../measures/measure-kinds.ts'
import type { CompiledMeasure } from './compiled-cycle.ts'
import { compilePath } from './event-path.ts'

/** What a measure needs from its definition: its id, the calendar and the numbers of signals. */
export interface MeasureContext extends Omit<AccumulatorContext, 'window'> {
  readonly id: string
}

/** A measure before its list of recent events is known. */
export type MeasureWithoutRecent = Omit<CompiledMeasure, 'recent'>

/** One measure (rule 18), with the constructor of its accumulator. */
export function compileMeasure(definition: MeasureDefinition, { id, days, signalBits }: MeasureContext): MeasureWithoutRecent {
  const kind = kindOf(definition)
  const window = windowOfMeasure(definition, days)
  const path = measurePathOf(definition)
  return {
    id,
    signals: signalBits(measureSignalsOf(definition)),
    scope: definition.since ?? 'ever',
    window,
    readsDays: kind.readsDays === true,
    of: path === undefined ? undefined : compilePath(path),
    contributes: kind.contributes,
    makeAccumulator: () => kind.accumulator(definition, { window, days, signalBits }),
  }
}

function windowOfMeasure(definition: MeasureDefinition, days: LocalDays): Window | undefined {
  if (!('within' in definition) || definition.within === undefined) return undefined
  const { within, buckets } = definition
  return windowOf(durationMs(within), days, buckets === undefined ? undefined : durationMs(buckets))
}
