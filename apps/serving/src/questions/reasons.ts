import { z } from 'zod'
import { type Actor, type Output, RondoError } from '#contracts'
import type { Receipt } from '#projections'
import type { AskedHistory } from './asked-history.ts'

/** How many outputs of an actor are looked through for one, and how many are read at once. */
const [OUTPUTS_MAX, READ_AT_ONCE] = [500, 50] as const

/** Why, in words. */
export const reasonSchema = z
  .string()
  .nullable()
  .meta({
    description: `why, in words; null for what is older than the newest ${OUTPUTS_MAX} outputs of its actor, and while the histories of actors are rebuilt`,
  })

/** An output with its evidence, which history does not keep; undefined if it is too old, or if the read models, another store, do not have it now. */
export async function outputOf({ models }: Pick<AskedHistory, 'models'>, actor: Actor, seq: number): Promise<Output | undefined> {
  let before: number | undefined
  for (let read = 0; read < OUTPUTS_MAX; read += READ_AT_ONCE) {
    const receipts: readonly Receipt[] = await models.history(actor, { limit: READ_AT_ONCE, ...(before === undefined ? {} : { before }) }).catch(whileRebuilt)
    const last = receipts.at(-1)
    if (last === undefined || last.output.seq <= seq) return receipts.find(({ output }) => output.seq === seq)?.output
    before = last.cursor
  }
  return undefined
}

function whileRebuilt(failure: unknown): readonly Receipt[] {
  if (failure instanceof RondoError && failure.code === 'RONDO_MODELS_UNAVAILABLE') return []
  throw failure
}

/** The reason of an output, if it is there. */
export const reasonOf = ({ narration }: Pick<AskedHistory, 'narration'>, output: Output | undefined): string | null =>
  output === undefined ? null : narration.reason(output)
