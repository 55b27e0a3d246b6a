import { formatInstant, type Instant } from '#contracts'
import { type FolderInspection, type InspectedPartition, inspectFolder, inspectKafkaLog, type KafkaSettings, type LogInspection } from '#event-log'
import { readPartitionMetadata } from '#pipeline'
import { SqliteReadModels } from '#projections'
import { ageOf, BUFFERED_EVENTS, type CycleStatus, type PartitionStatus, type Status } from './status.ts'

/** Log time that is older than this waits for a writer, or for the fold. */
const HELD_SECONDS = 20

/** The state in a data folder, also of a stopped Rondo. @throws RondoError as {@link inspectFolder} */
export async function folderStatus(folder: string, now: Instant): Promise<Status> {
  const inspection = inspectFolder(folder)
  const { refused, states, runsSince } = inspection
  const [unreadable] = states.flatMap(({ failure }) => failure ?? [])
  const readable = states.filter(({ failure }) => failure === undefined)
  try {
    return {
      of: `The data folder ${folder}`,
      isLive: runsSince !== undefined,
      unready: unreadable === undefined ? null : `${unreadable.message} (${unreadable.code})`,
      cycles: await Promise.all(readable.map((state) => stateStatus(state, inspection, now))),
      writers: [],
      quarantine: { open: null, ...refused, bytesMax: null },
    }
  } finally {
    for (const { reader } of states) reader.close()
  }
}

async function stateStatus(
  { cycle = 'unknown', reader, isFolded, builtAt }: FolderInspection['states'][number],
  { records, activity, runsSince }: FolderInspection,
  now: Instant,
): Promise<CycleStatus> {
  const logTime = await new SqliteReadModels(reader).asOf()
  const [position, metadata] = [await reader.position(0), readPartitionMetadata(await reader.partitionMetadata(0))]
  const folded = (position?.offset ?? -1) + 1
  const lagRecords = Math.max(0, records - folded)
  const ageSeconds = ageOf(logTime, now)
  const heldBy = waitOf(activity, { runsSince, ageSeconds })
  const building = runsSince !== undefined && isFolded && folded < builtAt ? { folded, records } : null
  const partition = { partition: 0, logTime: textOf(logTime), ageSeconds, lagRecords, heldBy }
  return { cycle, partitions: [partition], events: metadata?.counts ?? null, isRun: isFolded, building }
}

/** What log time waits for. The first tick of a process comes when clients have had time to send what they have buffered. */
function waitOf(
  { backfill, tick }: FolderInspection['activity'],
  { runsSince, ageSeconds }: Pick<FolderInspection, 'runsSince'> & Pick<PartitionStatus, 'ageSeconds'>,
): string | null {
  if (backfill !== null) return `the import ${backfill.source}`
  const hasTicked = runsSince === undefined || (tick ?? Number.NEGATIVE_INFINITY) >= runsSince
  return hasTicked || (ageSeconds ?? 0) <= HELD_SECONDS ? null : BUFFERED_EVENTS
}

/** The state of a Rondo on Kafka. @throws RondoError as {@link inspectKafkaLog} */
export async function brokersStatus(settings: KafkaSettings, now: Instant): Promise<Status> {
  const inspection = await inspectKafkaLog(settings)
  const groups = [...new Set(inspection.partitions.flatMap(({ folds }) => folds.map(({ group }) => group)))]
  const unfolded = groups.length === 0 && inspection.partitions.some(({ end }) => end > 0)
  return {
    of: `The log on ${settings.brokers.join(',')}`,
    isLive: true,
    unready: unfolded ? `No group ${settings.group} has folded the log: no processor runs, or it has another RONDO_GROUP.` : null,
    cycles: groups.map((group) => groupStatus(group, inspection, now)),
    writers: inspection.writers.map(({ writer, name, seenAt }) => ({ writer, name, silentSeconds: ageOf(seenAt, now) ?? 0 })),
    quarantine: { open: null, records: inspection.refused, bytes: null, bytesMax: null },
  }
}

function groupStatus(group: string, inspection: LogInspection, now: Instant): CycleStatus {
  const folds = inspection.partitions.flatMap((partition) => partition.folds.filter((fold) => fold.group === group))
  const metadata = folds.map(({ partitionMetadata }) => readPartitionMetadata(partitionMetadata))
  const counts: Record<string, number> = {}
  for (const one of metadata) for (const [name, count] of Object.entries(one?.counts ?? {})) counts[name] = (counts[name] ?? 0) + (count ?? 0)
  const isKnown = metadata.every((one) => one !== undefined)
  return {
    cycle: group,
    partitions: inspection.partitions.map((partition) => partitionStatus(partition, group, inspection, now)),
    events: isKnown ? counts : null,
    isRun: true,
    building: null,
  }
}

function partitionStatus({ partition, end, folds, ticks }: InspectedPartition, group: string, { writers }: LogInspection, now: Instant): PartitionStatus {
  const fold = folds.find((one) => one.group === group)
  const ageSeconds = ageOf(fold?.logTime, now)
  const [last] = writers.map(({ writer, name }) => ({ name, tick: ticks.get(writer) ?? Number.NEGATIVE_INFINITY })).sort((a, b) => a.tick - b.tick)
  const isHeld = ageSeconds !== null && ageSeconds > HELD_SECONDS && last !== undefined
  return {
    partition,
    logTime: textOf(fold?.logTime),
    ageSeconds,
    lagRecords: Math.max(0, end - 1 - (fold?.offset ?? -1)),
    heldBy: isHeld ? last.name : null,
  }
}

const textOf = (at: Instant | undefined): string | null => (at === undefined || !Number.isFinite(at) ? null : formatInstant(at))
