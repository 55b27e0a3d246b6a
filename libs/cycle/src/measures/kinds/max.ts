import { Extreme, WindowExtreme } from '../extreme.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `max … of`: the largest amount; missing if there are no amounts. */
export const max: MeasureKind<'max'> = {
  contributes: 'amount',
  isNumber: true,
  changeByLeaving: 'falls or ends',
  accumulator: (_, { window }) => (window === undefined ? new Extreme('max') : new WindowExtreme('max', window)),
}
