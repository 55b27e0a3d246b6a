import { RondoError } from '#contracts'
import {
  type Addresses,
  KafkaHistory,
  type KafkaLog,
  type KafkaSettings,
  type LogRecord,
  openKafkaAdminLog,
  openKafkaLog,
  repartition,
  type SourcePosition,
  sourceHeartbeat,
  sourceOf,
  type WriterRegistry,
} from '#event-log'
import { type Clock, randomId } from '#runtime'

/** The log that is copied, and the topics for the copy. */
export interface CopyPlan {
  readonly from: KafkaSettings
  readonly to: KafkaSettings
  /** The actors that events name, for the cycles that will run on the copy. */
  readonly addresses?: Addresses | undefined
  /** The folder of the archive that has what the log no longer has. */
  readonly archive?: string | undefined
}

/** The clock of the copy, how it is stopped, and how it reports. */
export interface CopyOptions {
  readonly clock: Clock
  readonly stop: AbortSignal
  readonly onProgress: (entries: number) => void
}

/** What was copied. */
export interface CopyResult {
  readonly entries: number
  /** The offsets from which each source continues. */
  readonly sourcePositions: readonly SourcePosition[]
  /** Sources that wrote to the log, but whose position the brokers deleted. */
  readonly lost: readonly string[]
}

/**
 * Copies a log into topics with another number of partitions, with the positions of its sources and the registry of its writers.
 * @throws RondoError RONDO_WRITERS_OPEN, RONDO_LOG_NOT_EMPTY if the new topics contain records, RONDO_RIGHT_MISSING also if this user does not see the position of a source, RONDO_LOG_UNAVAILABLE
 */
export async function copyLog({ from, to, addresses, archive }: CopyPlan, { clock, stop, onProgress }: CopyOptions): Promise<CopyResult> {
  const before = await openKafkaLog(from, 'copy-source')
  const sources = await checkNoProcessWrites(before)
  // Before a long copy: a position that cannot be copied is refused.
  await before.sourcePositions().read(namesOf(sources))
  const after = await openKafkaLog(to)
  const [positions, writer, registry] = [after.groupPositions(), after.writer(), after.writers()]
  try {
    if (!(await positions.isEmpty()))
      throw new RondoError('RONDO_LOG_NOT_EMPTY', `The topic ${to.prefix}activity holds records already. Choose another --to-prefix.`)
    await sendHeartbeats(sources, registry, clock)
    const copy = await withRecords({ log: before, settings: from, archive, stop }, (records) =>
      repartition({ from: records, to: writer, addresses, onProgress }),
    )
    await sendHeartbeats(
      copy.sources.filter((source) => !sources.includes(source)),
      registry,
      clock,
    )
    // An ingest process that was started meanwhile may have written entries that the copy does not contain.
    await checkNoProcessWrites(before)
    const names = namesOf(copy.sources)
    const sourcePositions = await before.sourcePositions().read(names)
    await after.sourcePositions().write(sourcePositions)
    await copyActs(from, to)
    return { entries: copy.entries, sourcePositions, lost: names.filter((name) => !sourcePositions.some(({ source }) => source === name)) }
  } finally {
    await Promise.all([positions.close(), writer.close(), registry.close()])
  }
}

/** The sources of writers. */
const namesOf = (writers: readonly string[]): string[] => [...new Set(writers.flatMap((writer) => sourceOf(writer) ?? []))]

/** The log to copy, from its topics alone or with its archive. */
interface CopiedLog {
  readonly log: KafkaLog
  readonly settings: KafkaSettings
  readonly archive: string | undefined
  readonly stop: AbortSignal
}

/** Gives the records of each partition, from the beginning of the log to its end. */
async function withRecords<T>({ log, settings, archive, stop }: CopiedLog, copy: (records: AsyncIterable<LogRecord>[]) => Promise<T>): Promise<T> {
  const ofEach = (read: (partition: number) => AsyncIterable<LogRecord>) => Array.from({ length: settings.partitions }, (_, partition) => read(partition))
  if (archive === undefined) return copy(ofEach((partition) => log.records(partition, stop)))
  const [history, { FolderArchive, wholeLog }] = [await KafkaHistory.open(settings, stop), await import('#archive')]
  const opened = new FolderArchive(archive, history.name)
  try {
    return await copy(ofEach((partition) => wholeLog(opened, history, partition)))
  } finally {
    await opened.close()
    await history.close()
  }
}

/** Copies the administrative acts, so that keys are valid in the new log too. An act that is applied twice changes nothing. */
async function copyActs(from: KafkaSettings, to: KafkaSettings): Promise<void> {
  const [before, after] = [await openKafkaAdminLog(from), await openKafkaAdminLog(to)]
  try {
    for (const act of await before.read()) await after.append(act)
  } finally {
    await Promise.all([before.close(), after.close()])
  }
}

/**
 * Sends a heartbeat for the copy itself, and one for each source. The first ingest process of the new log takes the newest heartbeat as the
 * end of the time in which events were accepted: since then clients had to buffer, so it lets them send these events before time passes on.
 * A source keeps its writer open by its heartbeat; if no process reads the source, the writer is closed after its timeout.
 */
async function sendHeartbeats(sources: readonly string[], registry: WriterRegistry, clock: Clock): Promise<void> {
  const markId = randomId()
  await registry.heartbeat({ writer: markId, name: 'a copy of the log', time: clock.now(), timeoutMs: 0 })
  await registry.withdraw(markId)
  for (const source of sources) await registry.heartbeat(sourceHeartbeat(source, clock.now()))
}

/**
 * Checks that no ingest process writes to the log.
 * @returns the writers of sources, which stay open if no process reads their source
 * @throws RondoError RONDO_WRITERS_OPEN
 */
async function checkNoProcessWrites(log: KafkaLog): Promise<string[]> {
  const writers = log.writers()
  try {
    const { live } = await writers.read()
    const processes = live.filter(({ writer }) => sourceOf(writer) === undefined)
    if (processes.length === 0) return live.map(({ writer }) => writer)
    const names = processes.map(({ name }) => name).join(', ')
    throw new RondoError(
      'RONDO_WRITERS_OPEN',
      `Events may still be written by ${names}. End every ingest process first. A killed process is closed by a running one.`,
    )
  } finally {
    await writers.close()
  }
}
