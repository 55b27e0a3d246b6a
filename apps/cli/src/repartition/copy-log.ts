import { RondoError } from '#contracts'
import {
  type KafkaLog,
  type KafkaSettings,
  openKafkaAdminLog,
  openKafkaLog,
  repartition,
  type SourcePlace,
  sourceHeartbeat,
  sourceOf,
  type WriterRegistry,
} from '#event-log'
import { type Clock, randomId } from '#runtime'

export interface CopyPlan {
  readonly from: KafkaSettings
  readonly to: KafkaSettings
}

export interface CopyOptions {
  readonly clock: Clock
  readonly stop: AbortSignal
  readonly onProgress: (entries: number) => void
}

export interface Copied {
  readonly entries: number
  /** The offsets from which each source continues. */
  readonly places: readonly SourcePlace[]
  /** Sources that wrote to the log and whose position the brokers have deleted. */
  readonly lost: readonly string[]
}

/**
 * Copies a log into topics with another number of partitions, with the positions of its sources and the registry of its writers.
 * @throws RondoError RONDO_WRITERS_OPEN, RONDO_LOG_MISMATCH where the new topics hold something, RONDO_LOG_UNAVAILABLE
 */
export async function copyLog({ from, to }: CopyPlan, { clock, stop, onProgress }: CopyOptions): Promise<Copied> {
  const before = await openKafkaLog(from, 'copied')
  const sources = await checkClosed(before)
  const after = await openKafkaLog(to)
  const [positions, writer, registry] = [after.groupPositions(), after.writer(), after.writers()]
  try {
    if (!(await positions.isEmpty()))
      throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${to.prefix}activity holds records already. Choose another --to-prefix.`)
    await sendHeartbeats(sources, registry, clock)
    const records = Array.from({ length: from.partitions }, (_, partition) => before.records(partition, stop))
    const copied = await repartition({ from: records, to: writer, onProgress })
    await sendHeartbeats(
      copied.sources.filter((source) => !sources.includes(source)),
      registry,
      clock,
    )
    // The copy may lack entries that an ingest process has written since.
    await checkClosed(before)
    const places = await before.sourcePlaces().read()
    await after.sourcePlaces().write(places)
    await copyActs({ from, to })
    const names = new Set(copied.sources.map((writer) => sourceOf(writer) as string))
    return { entries: copied.entries, places, lost: [...names].filter((name) => !places.some(({ source }) => source === name)) }
  } finally {
    await Promise.all([positions.close(), writer.close(), registry.close()])
  }
}

/** Keys stay valid in the new log. An act that is applied twice changes nothing. */
async function copyActs({ from, to }: CopyPlan): Promise<void> {
  const [before, after] = [await openKafkaAdminLog(from), await openKafkaAdminLog(to)]
  try {
    for (const act of await before.read()) await after.append(act)
  } finally {
    await Promise.all([before.close(), after.close()])
  }
}

/**
 * The first heartbeat tells an ingest process of the new log how long none was running, so it waits for events that clients have
 * buffered. The writer of a source that is no longer read is closed after its timeout.
 */
async function sendHeartbeats(sources: readonly string[], registry: WriterRegistry, clock: Clock): Promise<void> {
  const mark = randomId()
  await registry.heartbeat({ writer: mark, name: 'a copy of the log', time: clock.now(), timeoutMs: 0 })
  await registry.withdraw(mark)
  for (const source of sources) await registry.heartbeat(sourceHeartbeat(source, clock.now()))
}

/** @returns the writers of sources, which stay open while nobody reads them */
async function checkClosed(log: KafkaLog): Promise<string[]> {
  const writers = log.writers()
  try {
    const { live } = await writers.read()
    const processes = live.filter(({ writer }) => sourceOf(writer) === undefined)
    if (processes.length === 0) return live.map(({ writer }) => writer)
    const names = processes.map(({ name }) => name).join(', ')
    throw new RondoError(
      'RONDO_WRITERS_OPEN',
      `Events may still be written by ${names}. End every ingest process first; one that was killed is closed by another that runs.`,
    )
  } finally {
    await writers.close()
  }
}
