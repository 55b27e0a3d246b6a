import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import type { Period } from '../periods.ts'
import { SLOT_MS } from '../store/history-batch.ts'
import { withPeriod } from './period-index.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** So many periods have a bit in a whole number that is exact as a DOUBLE. */
const PART = 52
const HALF = 2 ** 32

/** Who is asked about. */
export interface ActivityQuestion {
  /** Adjacent, in their order. */
  readonly periods: readonly Period[]
  readonly where?: readonly TraitFilter[] | undefined
}

/** All numbers of actors are below it. */
export async function actorNumbersEnd(reader: HistoryReader): Promise<number> {
  const [row] = await reader.rows<{ end: number | null }>('SELECT max(actor) + 1 AS "end" FROM actors')
  return row?.end ?? 0
}

/**
 * Visits each actor with each of the periods in which it was active, once: for each actor in the order of periods, but not one actor after the other.
 * What an actor did is a few bits, made in SQL for some periods at a time, so that neither side holds all of it.
 */
export async function visitActivePeriods(reader: HistoryReader, { periods, where }: ActivityQuestion, visit: (actor: number, period: number) => void) {
  for (let begin = 0; begin < periods.length; begin += PART) {
    const part = periods.slice(begin, begin + PART)
    const [from, until] = [slotFrom((part[0] as Period).from), slotFrom((part.at(-1) as Period).until)]
    const active = `SELECT actor, slot::BIGINT * ${SLOT_MS} AS "time" FROM active WHERE slot >= ${from} AND slot < ${until} AND ${matching(where)}`
    await reader.numbers(
      `SELECT actor::DOUBLE, bit_or(1::BIGINT << period)::DOUBLE FROM ${withPeriod(active, part)} GROUP BY actor`,
      (actors = none, bits = none) => {
        for (let row = 0; row < actors.length; row += 1) {
          const [actor, both] = [actors[row] as number, bits[row] as number]
          visitBits(both % HALF, begin, (period) => visit(actor, period))
          visitBits(Math.floor(both / HALF), begin + 32, (period) => visit(actor, period))
        }
      },
    )
  }
}

/** Visits each actor that was active before an instant, once. */
export async function visitActiveBefore(
  reader: HistoryReader,
  { before, where }: { readonly before: Instant; readonly where?: readonly TraitFilter[] | undefined },
  visit: (actor: number) => void,
) {
  await reader.numbers(`SELECT actor::DOUBLE FROM active WHERE slot < ${slotFrom(before)} AND ${matching(where)} GROUP BY actor`, (actors = none) => {
    for (const actor of actors) visit(actor)
  })
}

const none = new Float64Array(0)

/** The first slot that begins at an instant or after it. */
const slotFrom = (at: Instant): number => Math.ceil(at / SLOT_MS)

function visitBits(bits: number, begin: number, visit: (period: number) => void): void {
  for (let rest = bits | 0; rest !== 0; rest &= rest - 1) visit(begin + 31 - Math.clz32(rest & -rest))
}
