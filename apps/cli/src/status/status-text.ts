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
    `${status.of}: ${attention.length === 0 ? 'all is well' : 'needs attention'}`,
    ...attention.map((sentence) => `  ! ${sentence}`),
    ...status.cycles.flatMap(cycleLines),
    `quarantine: ${quarantineText(status.quarantine)}`,
    ...status.writers.map(({ name, silentSeconds }) => `writer ${name}: last heard ${ageText(silentSeconds)} ago`),
    '',
  ].join('\n')
}

function cycleLines({ cycle, partitions, events, building }: CycleStatus): string[] {
  const counts = Object.entries(WORDS).flatMap(([name, word]) => (events?.[name] ? [`${events[name]} ${word}`] : []))
  return [
    building === null ? `cycle ${cycle}:` : `cycle ${cycle}: is being built, ${building.folded} of ${building.records} records`,
    ...partitions.map((partition) => `  ${partitionText(partition)}`),
    ...(events === null ? [] : [`  events: ${counts.length === 0 ? 'none yet' : counts.join(', ')}`]),
  ]
}

function partitionText({ partition, logTime, ageSeconds, lagRecords, heldBy }: PartitionStatus): string {
  const time = logTime === null ? 'no log time yet' : `log time ${logTime}${ageSeconds === null ? '' : `, ${ageText(ageSeconds)} old`}`
  const lag = lagRecords === null ? '' : `, ${lagRecords} records behind`
  return `partition ${partition}: ${time}${lag}${heldBy === null ? '' : `, held by ${heldBy}`}`
}

function quarantineText({ open, records, bytes }: QuarantineStatus): string {
  const parts = [open === null ? '' : `${open} open`, records === null ? '' : `${records} kept`, bytes === null ? '' : `${bytes} bytes`]
  return parts.filter((part) => part !== '').join(', ')
}
