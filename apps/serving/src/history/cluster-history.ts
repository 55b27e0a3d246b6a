import { archivedRead, type CycleLog, type GroupPositions, type KafkaFeed, type KafkaLog } from '#event-log'
import type { HistorySource } from '#history'
import { decodeRecord } from '#pipeline'

/** Where history on Kafka reads one cycle. */
interface ClusterHistory {
  readonly log: Pick<CycleLog, 'feed'> & Pick<KafkaLog, 'activity' | 'name'>
  /** One for each partition; the caller closes them. */
  readonly transitions: readonly KafkaFeed[]
  readonly groupPositions: Pick<GroupPositions, 'positions'>
  /** The folder of the archive; empty if there is none. */
  readonly archive: string
}

/** What history follows of one cycle on Kafka: all partitions, each from the position that its file has. It joins no group. */
export async function clusterHistory({ log, transitions, groupPositions, archive }: ClusterHistory): Promise<HistorySource> {
  const name = await log.name()
  const openArchive = async () => {
    if (archive === '') return undefined
    const { FolderArchive } = await import('#archive')
    return new FolderArchive(archive, name)
  }
  let opened: ReturnType<typeof openArchive> | undefined
  const late = transitions.map((_, partition) => log.feed(partition, 'late'))
  const activity = transitions.map((_, partition) => log.activity(partition))
  return {
    log: name,
    decode: decodeRecord,
    async folded() {
      const positions = await groupPositions.positions()
      // A committed batch can be read some milliseconds after its position.
      await Promise.all([...transitions, ...late].map((feed) => feed.caughtUp()))
      return positions.map((position) => position && { offset: position.offset, index: position.index, logTime: position.logTime })
    },
    partitions: transitions.map((feed, partition) => {
      const read = archivedRead(
        (offset, limits) => (activity[partition] as (typeof activity)[number]).read(offset, limits),
        partition,
        () => (opened ??= openArchive()),
      )
      return {
        outputs: (after, limit) => feed.followed.read(after, limit),
        late: (after, limit) => (late[partition] as KafkaFeed).followed.read(after, limit),
        records: (offset, bytesMax) => read(offset, { bytesMax, waitMs: 0 }),
      }
    }),
    async close() {
      await (await opened?.catch(() => undefined))?.close()
      await Promise.all([...late, ...activity].map((each) => each.close()))
    },
  }
}
