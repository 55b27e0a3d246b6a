import { RondoError } from '#contracts'
import { type KafkaLog, type KafkaSettings, openKafkaLog, repartition, type SourcePlace, sourceOf, sourceSign, type WriterRegistry } from '#event-log'
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
  /** From where each source goes on. */
  readonly places: readonly SourcePlace[]
  /** Sources that wrote to the log and have no place any more: the brokers have forgotten it. */
  readonly lost: readonly string[]
}

/**
 * Copies a log over other partitions, with everything that goes on by it: how far its sources were read, and who may hold its time.
 * @throws RondoError RONDO_WRITERS_OPEN, RONDO_LOG_MISMATCH where the new topics hold something, RONDO_LOG_UNAVAILABLE
 */
export async function copyLog({ from, to }: CopyPlan, { clock, stop, onProgress }: CopyOptions): Promise<Copied> {
  const before = await openKafkaLog(from, 'copied')
  const sources = await checkClosed(before)
  const after = await openKafkaLog(to)
  const [progress, writer, register] = [after.progress(), after.writer(), after.writers()]
  try {
    if (!(await progress.isEmpty()))
      throw new RondoError('RONDO_LOG_MISMATCH', `The topic ${to.prefix}activity holds records already. Choose another --to-prefix.`)
    await signFor(sources, register, clock)
    const records = Array.from({ length: from.partitions }, (_, partition) => before.records(partition, stop))
    const copied = await repartition({ from: records, to: writer, onProgress })
    await signFor(
      copied.sources.filter((source) => !sources.includes(source)),
      register,
      clock,
    )
    // What an ingest process has written meanwhile may be missing.
    await checkClosed(before)
    const places = await before.sourcePlaces().read()
    await after.sourcePlaces().write(places)
    const names = new Set(copied.sources.map((writer) => sourceOf(writer) as string))
    return { entries: copied.entries, places, lost: [...names].filter((name) => !places.some(({ source }) => source === name)) }
  } finally {
    await Promise.all([progress.close(), writer.close(), register.close()])
  }
}

/**
 * From the first sign on a door of the new log knows how long all doors were shut, and waits for what clients have kept meanwhile. A source
 * that nobody reads any more is closed by its patience.
 */
async function signFor(sources: readonly string[], register: WriterRegistry, clock: Clock): Promise<void> {
  const mark = randomId()
  await register.sign({ writer: mark, name: 'a copy of the log', time: clock.now(), patienceMs: 0 })
  await register.withdraw(mark)
  for (const source of sources) await register.sign(sourceSign(source, clock.now()))
}

/** @returns the writers of sources, which stay open while nobody reads them */
async function checkClosed(log: KafkaLog): Promise<string[]> {
  const writers = log.writers()
  try {
    const { standing } = await writers.read()
    const doors = standing.filter(({ writer }) => sourceOf(writer) === undefined)
    if (doors.length === 0) return standing.map(({ writer }) => writer)
    const names = doors.map(({ name }) => name).join(', ')
    throw new RondoError(
      'RONDO_WRITERS_OPEN',
      `Events may still be written by ${names}. End every ingest process first; one that was killed is closed by another that runs.`,
    )
  } finally {
    await writers.close()
  }
}
