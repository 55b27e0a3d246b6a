import { join } from 'node:path'
import type { Position } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { archivedRead, type CycleLog, type DataFolder, type GroupPositions, type KafkaFeed, type KafkaLog, type LogArchive, type StateReader } from '#event-log'
import { openCycleFolder, type openRedisProjections } from '#projections'
import { pause } from '#runtime'
import { compareModels } from './compare-models.ts'
import { compareRecords, outputsOf, textsOf } from './compare-records.ts'
import type { Differences } from './differences.ts'
import { foldAgain, isAt } from './fold-again.ts'
import { askingAtOnePlace, FollowedModels } from './followed-models.ts'
import type { Verified } from './verify-cycle.ts'

/** A folder has one. */
const PARTITION = 0
/** How often the position of the group is read again: it may have been committed in the middle of a record. */
const POSITIONS_MAX = 10
const PAUSE_MS = 500

/** The read models in Redis. */
type Redis = Awaited<ReturnType<typeof openRedisProjections>>

/** What is verified of one cycle on Kafka, and where the same is made again. */
export interface ClusterVerifyOptions {
  readonly log: Pick<KafkaLog, 'activity'>
  readonly ofCycle: CycleLog
  readonly partitions: number
  readonly cycle: CompiledCycle
  readonly archive: LogArchive | undefined
  /** Undefined if the read models are not compared. */
  readonly redis: Redis | undefined
  /** An empty folder. */
  readonly scratch: string
  readonly differences: Differences
  readonly show: (text: () => string) => Promise<void>
  readonly stop: AbortSignal
}

/** What is opened of one cycle. */
interface Opened {
  readonly transitions: readonly KafkaFeed[]
  readonly late: readonly KafkaFeed[]
  readonly positions: GroupPositions
}

/**
 * Computes one cycle on Kafka again from its log, beside processes that run, and compares it with what was published and with the read models in Redis.
 * @throws RondoError RONDO_DATA_MISMATCH if the group folds by another definition or generation; RONDO_LOG_INCOMPLETE if a part of the log is missing;
 * RONDO_LOG_UNAVAILABLE, RONDO_MODELS_UNAVAILABLE
 */
export async function verifyClusterCycle(options: ClusterVerifyOptions): Promise<Verified> {
  const { ofCycle, partitions } = options
  const each = Array.from({ length: partitions }, (_, partition) => partition)
  const opened: Opened = {
    transitions: each.map((partition) => ofCycle.feed(partition)),
    late: each.map((partition) => ofCycle.feed(partition, 'late')),
    positions: ofCycle.groupPositions(),
  }
  try {
    let outputs = 0
    for (const partition of each) outputs += await verifyPartition(partition, opened, options)
    return { outputs, actors: await verifyModels(opened.transitions, options), rows: 'no history: each serving process has its own' }
  } finally {
    await Promise.all([opened.positions, ...opened.transitions, ...opened.late].map((one) => one.close()))
  }
}

/** @returns how many outputs follow from the partition */
async function verifyPartition(partition: number, opened: Opened, options: ClusterVerifyOptions): Promise<number> {
  const { cycle, scratch } = options
  const lists = [opened.transitions[partition], opened.late[partition]] as [KafkaFeed, KafkaFeed]
  const again = openCycleFolder(join(scratch, `folded-${partition}`), cycle)
  try {
    // Read before the position: what the lists have now has to follow from the log up to there.
    const [outputsTo, lateTo] = await Promise.all(lists.map(lastOf))
    await foldToPosition(again, partition, { ...options, positions: opened.positions })
    // What was committed with the position can be read some milliseconds later.
    await Promise.all(lists.map((list) => list.caughtUp()))
    const state = again.stateReader()
    try {
      return await comparePartition(partition, { lists, state, ends: [outputsTo ?? 0, lateTo ?? 0] }, options)
    } finally {
      state.close()
    }
  } finally {
    await again.close()
  }
}

/** The stored lists of a partition, what was made again, and the cursors up to which the stored ones must follow from the log. */
interface PartitionLists {
  readonly lists: readonly [KafkaFeed, KafkaFeed]
  readonly state: StateReader
  readonly ends: readonly [number, number]
}

async function comparePartition(
  partition: number,
  { lists: [transitions, late], state, ends: [outputsTo, lateTo] }: PartitionLists,
  { differences, show }: ClusterVerifyOptions,
): Promise<number> {
  const onProgress = (count: number) => show(() => `compared ${count} records of partition ${partition}`)
  const from = { hasSameCursors: false } as const
  const outputs = { ...from, part: 'outputs', name: `partition ${partition}, output`, stored: outputsOf(transitions), storedTo: outputsTo } as const
  const count = await compareRecords({ ...outputs, expected: outputsOf(state) }, differences, onProgress)
  const lateEvents = { ...from, part: 'late events', name: `partition ${partition}, late event`, stored: outputsOf(late), storedTo: lateTo } as const
  await compareRecords({ ...lateEvents, expected: textsOf((after, limit) => state.late(after, limit)) }, differences, onProgress)
  return count
}

/** Folds up to a committed position of the group. One in the middle of a record may be none of this fold; then it waits for the next one. */
async function foldToPosition(again: DataFolder, partition: number, options: ClusterVerifyOptions & Pick<Opened, 'positions'>): Promise<void> {
  const { log, archive, cycle, partitions, positions, differences, show, stop } = options
  const activity = log.activity(partition)
  const records = archivedRead(
    (offset, limits) => activity.read(offset, limits),
    partition,
    async () => archive,
  )
  try {
    for (let attempt = 1; ; attempt++) {
      const position = positionIn(await positions.positions(), partition)
      if (position === undefined) return
      const onProgress = (offset: number) => show(() => `partition ${partition}: folded ${offset} of ${position.offset + 1} records of the log`)
      await foldAgain(again, { cycle, records, position, place: { partition, partitions }, stop, onProgress })
      const reached = await positionOf(again)
      if (isAt(reached, position)) return
      if (attempt === POSITIONS_MAX) return differences.compare('position', `partition ${partition}`, { stored: position, expected: reached })
      await pause(PAUSE_MS, stop)
    }
  } finally {
    await activity.close()
  }
}

/** Compares the read models in Redis with the feed, which was compared with the log. @returns how many actors there are; undefined if they are not compared */
async function verifyModels(feeds: readonly KafkaFeed[], options: ClusterVerifyOptions): Promise<number | undefined> {
  const { redis, cycle, scratch, differences, show } = options
  if (redis === undefined) return undefined
  const shown = await redis.generations.current()
  if (shown === undefined) {
    differences.add('read models', 'there are none in Redis under this prefix')
    return 0
  }
  const target = redis.target(shown)
  const placesOf = () => Promise.all(feeds.map((_, partition) => target.position(partition)))
  const followed = await FollowedModels.open({ path: join(scratch, 'models'), cycle, feeds })
  try {
    await followed.followTo(await placesOf(), (outputs) => show(() => `made the read models of ${outputs} outputs`))
    const onProgress = (actors: number) => show(() => `compared the read models of ${actors} actors`)
    return await compareModels(askingAtOnePlace(redis, placesOf, followed), feeds, differences, onProgress)
  } finally {
    await followed.close()
  }
}

async function lastOf(feed: KafkaFeed): Promise<number> {
  await feed.caughtUp()
  return (await feed.newest(1)).at(-1)?.cursor ?? 0
}

function positionIn(positions: Awaited<ReturnType<GroupPositions['positions']>>, partition: number): Position | undefined {
  const found = positions[partition]
  return found && { offset: found.offset, index: found.index, cursor: found.cursor }
}

async function positionOf(folder: DataFolder): Promise<Position | undefined> {
  const state = folder.stateReader()
  try {
    return await state.position(PARTITION)
  } finally {
    state.close()
  }
}
