import { ageText, attentionOf, type CycleStatus, type PartitionStatus, type QuarantineStatus, type Status } from './status.ts'

/** Dispositions in the words of people. */
const WORDS: Readonly<Record<string, string>> = {
  applied: 'applied',
  'out-of-order': 'out of order',
  duplicate: 'copies',
  'late-grace': 'late',
  'late-bound': 'late for their memory',
  unmatched: 'without a signal',
  'not-addressed': 'that name no actor',
}

/** The state for people: what needs attention first. */
export function statusText(status: Status): string {
  const attention = attentionOf(status)
  return [
    `${status.of}: ${attention.length > 0 ? 'needs attention' : status.isLive ? 'all is well' : 'no process runs on this folder'}`,
    ...attention.map((sentence) => `  ! ${sentence}`),
    ...(attention.length > 0 && !status.isLive ? ['  no process runs on this folder'] : []),
    ...status.cycles.flatMap((cycle) => cycleLines(cycle, status.isLive)),
    `quarantine: ${quarantineText(status.quarantine)}`,
    ...status.writers.map(({ name, silentSeconds }) => `writer ${name}: last heard ${ageText(silentSeconds)} ago`),
    '',
  ].join('\n')
}

function cycleLines({ cycle, partitions, events, isRun, building }: CycleStatus, isLive: boolean): string[] {
  const counts = Object.entries(WORDS).flatMap(([name, word]) => (events?.[name] ? [`${events[name]} ${word}`] : []))
  return [
    `cycle ${cycle}:${isLive && !isRun ? ' is not run: the process has no definition of it' : buildingText(building)}`,
    ...partitions.map((partition) => `  ${partitionText(partition)}`),
    ...(events === null ? [] : [`  events: ${counts.length === 0 ? 'none yet' : counts.join(', ')}`]),
  ]
}

const buildingText = (building: CycleStatus['building']): string =>
  building === null ? '' : ` is being built, ${building.folded} of ${building.records} records`

function partitionText({ partition, logTime, ageSeconds, lagRecords, heldBy }: PartitionStatus): string {
  const time = logTime === null ? 'no log time yet' : `log time ${logTime}${ageSeconds === null ? '' : `, ${ageText(ageSeconds)} old`}`
  const lag = lagRecords === null ? '' : `, ${lagRecords} records behind`
  return `partition ${partition}: ${time}${lag}${heldBy === null ? '' : `, held by ${heldBy}`}`
}

function quarantineText({ open, records, bytes }: QuarantineStatus): string {
  const parts = [open === null ? '' : `${open} open`, records === null ? '' : `${records} kept`, bytes === null ? '' : `${bytes} bytes`]
  return parts.filter((part) => part !== '').join(', ')
}
