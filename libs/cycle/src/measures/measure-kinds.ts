import { type MeasureDefinition, type MeasureKindName, measureKindOf } from '#contracts'
import { average } from './kinds/average.ts'
import { count } from './kinds/count.ts'
import { days } from './kinds/days.ts'
import { distinct } from './kinds/distinct.ts'
import { gauge } from './kinds/gauge.ts'
import { last } from './kinds/last.ts'
import { max } from './kinds/max.ts'
import { min } from './kinds/min.ts'
import { sum } from './kinds/sum.ts'
import type { MeasureKind } from './measure-kind.ts'

/** Every kind of measure (rule 18). The compiler reports a kind of contracts that is missing here. */
const kinds: { readonly [Name in MeasureKindName]: MeasureKind<Name> } = { count, sum, average, min, max, days, distinct, gauge, last }

/** The kind of a measure's definition. */
export function kindOf(definition: MeasureDefinition): MeasureKind {
  return kinds[measureKindOf(definition)]
}
