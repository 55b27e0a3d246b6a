import { Extreme, WindowExtreme } from '../extreme.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `min … of`: the smallest amount; missing if there are no amounts. */
export const min: MeasureKind<'min'> = {
  contributes: 'amount',
  isNumber: true,
  changeByLeaving: 'either way',
  accumulator: (_, { window }) => (window === undefined ? new Extreme('min') : new WindowExtreme('min', window)),
}
