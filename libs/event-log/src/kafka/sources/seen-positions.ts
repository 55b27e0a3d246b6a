import { RondoError } from '#contracts'
import { allowedOnGroup } from '../allowed/allowed-operations.ts'
import { missingRightError, missingRights } from '../allowed/missing-rights.ts'
import type { RequiredRight } from '../allowed/right.ts'
import { newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { sourceGroup } from './source-group.ts'

/** What this user sees of the positions of sources. */
export interface SeenPositions {
  /** The topics of the positions. */
  readonly topics: readonly string[]
  /** Sources whose group has no position that this user can see. */
  readonly withoutPosition: readonly string[]
  /** Sources that are known to have read records, but whose group this user does not see. */
  readonly withoutGroup: readonly string[]
}

/**
 * Checks that this user sees the positions of all sources and may write them. Brokers leave out positions in topics, and groups, that a user may not see, without an error: a source would then look
 * as if it had none. Without TLS and a login nothing is checked, as brokers do not know who asks.
 * @throws RondoError RONDO_RIGHT_MISSING; what kafkajs throws
 */
export async function checkPositionsAreSeen(settings: KafkaSettings, { topics, withoutPosition, withoutGroup }: SeenPositions): Promise<void> {
  if (settings.security === undefined) return
  const [source] = withoutPosition
  if (source !== undefined) throw hiddenPosition(source, sourceGroup(settings, source))
  const cluster = newCluster(settings)
  try {
    await cluster.connect()
    await cluster.refreshMetadata()
    for (const name of withoutGroup) {
      const allowed = await allowedOnGroup(cluster, sourceGroup(settings, name))
      if (allowed !== undefined && !allowed.has('Describe')) throw hiddenPosition(name, sourceGroup(settings, name))
    }
    const onTopics = topics.map(
      (name): RequiredRight => ({ resource: 'Topic', name, isPrefix: false, operations: ['Read'], purpose: 'copy the position of a source' }),
    )
    const [missing] = await missingRights(cluster, onTopics)
    if (missing !== undefined) throw missingRightError(missing)
  } finally {
    await cluster.disconnect().catch(() => {})
  }
}

function hiddenPosition(source: string, group: string): RondoError {
  const message = `The position of the source ${source} cannot be seen: the user of RONDO_KAFKA_USER needs the right Read on the consumer group ${group} and on the topic of the source; without its position the source would skip or repeat records. rondo kafka acls --app commands --source-topic TOPIC prints the commands that give them. A group that never had a position is removed by the brokers after some minutes.`
  return new RondoError('RONDO_RIGHT_MISSING', message, { retriable: true })
}
