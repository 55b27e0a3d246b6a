import type { KafkaLog } from '#event-log'
import { isRefused, type LogPoller } from '#process'
import type { Recency } from '#runtime'
import type { CycleFolds } from './cycle-folds.ts'

/** What the readiness of a processor depends on. */
interface ProcessorState {
  /** The answers of the group. */
  readonly group: Pick<Recency, 'isKnown' | 'ageMs'>
  readonly sessionMs: number
  readonly reader: Pick<ReturnType<KafkaLog['reader']>, 'refusals' | 'awaited'>
  readonly folds: Pick<CycleFolds, 'restoring' | 'unreadyReason'>
  readonly poller: Pick<LogPoller, 'unreadyReason' | 'explained'>
}

/** Why a processor is not ready; undefined if it is. */
export function unreadyReason(state: ProcessorState): string | undefined {
  const { poller, folds } = state
  return poller.explained(partitionsReason(state) ?? poller.unreadyReason ?? folds.unreadyReason)
}

/** Why a processor does not have its partitions. */
function partitionsReason({ group, sessionMs, reader, folds }: ProcessorState): string | undefined {
  if (!group.isKnown) return 'The group has not been joined yet.'
  // After this time another process, if there is one, has taken the partitions over.
  if (group.ageMs > sessionMs) return `The group has not answered for ${Math.round(group.ageMs / 1000)} s.`
  const refusal = reader.refusals.find(([, { retriable }]) => !retriable)
  if (refusal !== undefined) return `Partition ${refusal[0]} cannot be taken over: ${refusal[1].message} (${refusal[1].code})`
  const correctable = reader.refusals.find(([, error]) => isRefused(error))
  if (correctable !== undefined) return `${correctable[1].message} (${correctable[1].code})`
  const missing = new Set([...reader.awaited, ...folds.restoring])
  return missing.size > 0 ? `The state of these partitions is being restored: ${[...missing].join(', ')}.` : undefined
}
