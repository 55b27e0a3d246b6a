import type { Period } from '../periods.ts'
import { integerList } from './sql-text.ts'

/** A table with more rows would take longer than a search for each row. */
const STEPS_MAX = 200_000

/**
 * The `FROM` of a statement that gives each row of a relation its period: the rows in the periods, with the number of their period as `period`.
 * Periods begin at multiples of a step, such as an hour: a table of the steps finds them with one division. Where the step is too small, because a zone
 * once was some seconds off, the bounds are searched.
 * @param rows the relation, with a column `time`
 * @param periods adjacent; at least one
 */
export function withPeriod(rows: string, periods: readonly Period[]): string {
  const [first, last] = [periods[0] as Period, periods.at(-1) as Period]
  const step = stepOf(periods)
  const within = `"time" >= ${first.from} AND "time" < ${last.until}`
  if ((last.until - first.from) / step > STEPS_MAX) {
    const begins = `SELECT unnest(${integerList(periods.map(({ from }) => from))}) AS "begin", unnest(range(${periods.length})) AS period`
    return `(SELECT * FROM (${rows}) r ASOF JOIN (${begins}) p ON r."time" >= p."begin" WHERE ${within})`
  }
  const lengths = periods.map(({ from, until }) => (until - from) / step)
  if (lengths.every((length) => length === lengths[0]))
    return `(SELECT *, ("time" - ${first.from}) // ${step * (lengths[0] as number)} AS period FROM (${rows}) WHERE ${within})`
  const ofSteps = lengths.flatMap((length, period) => Array.from({ length }, () => period))
  const steps = `SELECT unnest(${integerList(ofSteps)}) AS period, unnest(range(${ofSteps.length})) AS step`
  return `(SELECT * FROM (${rows}) r JOIN (${steps}) p ON p.step = (r."time" - ${first.from}) // ${step} WHERE ${within})`
}

/** The greatest common divisor of the lengths of the periods. */
function stepOf(periods: readonly Period[]): number {
  let step = 0
  for (const { from, until } of periods) {
    let [a, b] = [until - from, step]
    while (b !== 0) [a, b] = [b, a % b]
    step = a
  }
  return step
}
