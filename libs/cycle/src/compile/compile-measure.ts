import { definitionDefaults, durationMs, type MeasureDefinition } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import { type Window, windowOf } from '../calendar/window.ts'
import type { Cell } from '../state/cell.ts'
import { CountCell, DaysCell, DistinctCell, GaugeCell, LastCell, SumCell } from '../state/plain-cells.ts'
import { WindowCountCell, WindowDaysCell, WindowDistinctCell, WindowSumCell } from '../state/window-cells.ts'
import type { CompiledMeasure } from './compiled-cycle.ts'
import { compilePath } from './event-path.ts'

export interface MeasureContext {
  readonly id: string
  readonly days: LocalDays
  readonly signalBits: (names: string | readonly string[]) => number
}

/** A measure before it has a track. */
export type BareMeasure = Omit<CompiledMeasure, 'track'>

/** One measure (rule 18), with the cell that remembers it. */
export function compileMeasure(definition: MeasureDefinition, context: MeasureContext): BareMeasure {
  const { days, signalBits } = context
  const window = windowOfMeasure(definition, days)
  const base = { id: context.id, scope: definition.since ?? 'ever', window, readsDays: 'days' in definition, of: undefined, contributes: undefined } as const
  if ('count' in definition) {
    return {
      ...base,
      signals: signalBits(definition.count),
      makeCell: cellOf(
        window,
        (w) => new WindowCountCell(w),
        () => new CountCell(),
      ),
    }
  }
  if ('sum' in definition) {
    const makeCell = cellOf(
      window,
      (w) => new WindowSumCell(w),
      () => new SumCell(),
    )
    return { ...base, signals: signalBits(definition.sum), of: compilePath(definition.of), contributes: 'amount', makeCell }
  }
  if ('days' in definition) {
    return {
      ...base,
      signals: signalBits(definition.days),
      makeCell: cellOf(
        window,
        (w) => new WindowDaysCell(w, days),
        () => new DaysCell(days),
      ),
    }
  }
  if ('distinct' in definition) {
    const cap = definition.cap ?? definitionDefaults.distinctCap
    const makeCell = cellOf(
      window,
      (w) => new WindowDistinctCell(w, cap),
      () => new DistinctCell(cap),
    )
    return { ...base, signals: signalBits(definition.distinct), of: compilePath(definition.by), contributes: 'key', makeCell }
  }
  if ('gauge' in definition) {
    const [up, down] = [signalBits(definition.gauge), signalBits(definition.minus)]
    return { ...base, signals: up | down, makeCell: () => new GaugeCell(up, down) }
  }
  return { ...base, signals: signalBits(definition.last), of: compilePath(definition.of), contributes: 'json', makeCell: () => new LastCell() }
}

function cellOf(window: Window | undefined, windowed: (window: Window) => Cell, plain: () => Cell): () => Cell {
  return window === undefined ? plain : () => windowed(window)
}

function windowOfMeasure(definition: MeasureDefinition, days: LocalDays): Window | undefined {
  if (!('within' in definition) || definition.within === undefined) return undefined
  const { within, buckets } = definition
  return windowOf(durationMs(within), days, buckets === undefined ? undefined : durationMs(buckets))
}
