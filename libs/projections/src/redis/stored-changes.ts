import { type Output, RondoError } from '#contracts'
import { type Change, changeOf } from '../change.ts'
import { actorText, type PartitionKeys } from './model-keys.ts'
import type { RedisClient } from './redis-client.ts'

/** The number of outputs that are read first before the requested ones: the change of an output mostly follows from the output before it. */
const FIRST_DEPTH = 4

/** Thrown if more of a history must be read to find a change. */
const TOO_SHORT = Symbol('too short')

/** A part of an actor's history. */
interface HistoryPart {
  /** The seq of the first output. */
  readonly first: number
  readonly outputs: readonly Output[]
}

/**
 * The changes that outputs of any age made, from the histories of their actors in Redis. Histories only grow at their end, so outputs that
 * the fold adds meanwhile do not matter.
 * @throws RondoError RONDO_MODELS_UNAVAILABLE (retriable) if Redis has lost a history; RONDO_MODELS_MISMATCH if it has another output in its place
 */
export async function storedChanges(redis: RedisClient, keys: PartitionKeys, outputs: readonly Output[]): Promise<Change[]> {
  const changes = new Map<Output, Change>()
  let pending = [...Map.groupBy(outputs, ({ actor }) => actorText(actor))]
  for (let depth = FIRST_DEPTH; pending.length > 0; depth *= 4) {
    const windows = await historyPartsOf(redis, keys, pending, depth)
    pending = pending.filter(([, ofActor], i) => !addChanges(changes, ofActor, windows[i] ?? { first: 1, outputs: [] }))
  }
  return outputs.map((output) => changes.get(output) as Change)
}

async function historyPartsOf(redis: RedisClient, keys: PartitionKeys, open: readonly [string, Output[]][], depth: number): Promise<HistoryPart[]> {
  const commands = redis.pipeline()
  const firsts = open.map(([actor, ofActor]) => {
    const seqs = ofActor.map(({ seq }) => seq)
    const first = Math.max(1, Math.min(...seqs) - depth)
    commands.lrange(keys.history(actor), first - 1, Math.max(...seqs) - 1)
    return first
  })
  const replies = (await commands.exec()) ?? []
  return replies.map(([failure, entries], i) => {
    if (failure !== null) throw failure
    return { first: firsts[i] ?? 1, outputs: (entries as string[]).map((entry) => JSON.parse(entry.slice(1)) as Output) }
  })
}

/** Adds the changes that the outputs of one actor made. @returns false if the part of its history is too short for one of them */
function addChanges(changes: Map<Output, Change>, ofActor: readonly Output[], window: HistoryPart): boolean {
  try {
    for (const output of ofActor) {
      requireStored(output, window.outputs[output.seq - window.first])
      changes.set(output, changeOf(output, earlierThan(output, window)))
    }
    return true
  } catch (failure) {
    if (failure === TOO_SHORT) return false
    throw failure
  }
}

/** The outputs before an output, newest first. @throws TOO_SHORT after the first one, unless it is the actor's first output */
function* earlierThan({ seq }: Output, { first, outputs }: HistoryPart): Generator<Output> {
  for (let at = seq - 1 - first; at >= 0; at--) yield outputs[at] as Output
  if (first > 1) throw TOO_SHORT
}

/** Compares an output of the feed with the one that Redis has in its place. */
function requireStored(output: Output, stored: Output | undefined): void {
  const what = `The output ${output.id} of ${output.actor.type} ${output.actor.id}`
  if (stored === undefined)
    throw new RondoError('RONDO_MODELS_UNAVAILABLE', `${what} is not in Redis, which has lost it. It is filled again from the feed.`, { retriable: true })
  if (stored.id === output.id) return
  throw new RondoError(
    'RONDO_MODELS_MISMATCH',
    `${what} is in Redis as ${stored.id}. Rebuild the read models from the feed's beginning; if this comes again, report it.`,
  )
}
