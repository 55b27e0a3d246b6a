import type { Instant } from '#contracts'

/** A partition of a cycle. */
export interface PartitionStatus {
  readonly partition: number
  readonly logTime: string | null
  readonly ageSeconds: number | null
  /** Records of the log that are not folded yet; null if that is not known. */
  readonly lagRecords: number | null
  /** The writer for whose next tick log time waits, if time is behind; or what else it waits for. */
  readonly heldBy: string | null
}

/** How far a cycle is, and what became of its events since the log began. */
export interface CycleStatus {
  readonly cycle: string
  readonly partitions: readonly PartitionStatus[]
  /** By disposition; null if it is not known. */
  readonly events: Readonly<Record<string, number>> | null
  /** False for a cycle of the folder that the process does not fold, because no definition names it. */
  readonly isRun: boolean
  /** How many records are folded while a new cycle is folded from the beginning of the log; null afterwards, and where it is not known. */
  readonly building: { readonly folded: number; readonly records: number } | null
}

/** An ingest process or a source, as a writer of the log. */
interface WriterStatus {
  readonly writer: string
  readonly name: string
  /** How long ago its last heartbeat was. */
  readonly silentSeconds: number
}

/** Refused events; null where it is not known. */
export interface QuarantineStatus {
  readonly open: number | null
  readonly records: number | null
  readonly bytes: number | null
  readonly bytesMax: number | null
}

/** The state of a Rondo. */
export interface Status {
  readonly of: string
  /** Whether processes run: only then an old log time means that something is wrong. */
  readonly isLive: boolean
  /** Why it is not ready; null if it is, or if no process was asked. */
  readonly unready: string | null
  readonly cycles: readonly CycleStatus[]
  readonly writers: readonly WriterStatus[]
  readonly quarantine: QuarantineStatus
}

/** Where nothing is due ticks come every 15 s, so log time may be some 20 s old. */
const AGE_SECONDS_MAX = 60
/** A heartbeat comes once a second. */
const SILENT_SECONDS_MAX = 15
/** The share of its limit from which quarantine soon removes events. */
const QUARANTINE_SHARE = 0.8

/** What log time waits for after an outage. */
export const BUFFERED_EVENTS = 'events that clients may have buffered before the start (RONDO_CATCH_UP)'

/** What an operator should look at, a sentence each; empty if all is well. */
export function attentionOf({ isLive, unready, cycles, writers, quarantine }: Status): string[] {
  const late = isLive ? cycles.flatMap((cycle) => behind(cycle)) : []
  const silent = writers
    .filter(({ silentSeconds }) => silentSeconds > SILENT_SECONDS_MAX)
    .map(({ name, silentSeconds }) => `${name} has been silent for ${ageText(silentSeconds)}: log time waits until it is heard again, or is closed.`)
  const { bytes, bytesMax } = quarantine
  const isFull = bytes !== null && bytesMax !== null && bytesMax > 0 && bytes > QUARANTINE_SHARE * bytesMax
  return [...(unready === null ? [] : [unready]), ...late, ...silent, ...(isFull ? ['Quarantine is nearly full: its oldest events will be removed.'] : [])]
}

function behind({ cycle, partitions, isRun, building }: CycleStatus): string[] {
  // Its log time is that of the history until it has caught up.
  if (!isRun || building !== null) return []
  return partitions.flatMap(({ partition, ageSeconds, lagRecords, heldBy }) => {
    if (ageSeconds === null || ageSeconds <= AGE_SECONDS_MAX) return []
    const cause = heldBy === null ? (lagRecords ? `, with ${lagRecords} records to fold` : '') : `; it waits for ${heldBy}`
    return [`Log time of ${cycle}, partition ${partition}, is ${ageText(ageSeconds)} old${cause}.`]
  })
}

/** The age of an instant in whole seconds; null if the instant is not known. */
export function ageOf(at: Instant | undefined, now: Instant): number | null {
  return at === undefined || !Number.isFinite(at) ? null : Math.max(0, Math.round((now - at) / 1000))
}

const [MINUTE, HOUR, DAY, YEAR] = [60, 3600, 86_400, 31_557_600]
/** Units of ages, each with the age from which it is used. */
const UNITS = [
  { from: 2 * YEAR, seconds: YEAR, name: 'years' },
  { from: 2 * DAY, seconds: DAY, name: 'days' },
  { from: 2 * HOUR, seconds: HOUR, name: 'h' },
  { from: 2 * MINUTE, seconds: MINUTE, name: 'min' },
]

/** An age in whole units, for people. */
export function ageText(age: number): string {
  const unit = UNITS.find(({ from }) => age >= from)
  return unit === undefined ? `${age} s` : `${Math.floor(age / unit.seconds)} ${unit.name}`
}
