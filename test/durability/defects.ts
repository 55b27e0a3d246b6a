import { type ActivityEvent, type ControlRecord, type CycleDefinition, instantOf, type Output } from '#contracts'
import { agree } from '../oracle/agreement.ts'
import type { FolderContents } from './folder-contents.ts'
import type { Importer } from './importer.ts'
import type { Load } from './load.ts'

/** An entry of the log. */
type LogRecord = ActivityEvent | ControlRecord
const isEvent = (record: LogRecord): record is ActivityEvent => !('record' in record)

/** All defects of a folder whose process was killed repeatedly. */
export function defectsOf(definition: CycleDefinition, contents: FolderContents, clients: { load: Load; importer: Importer }): string[] {
  const { records, feed, straight, late } = contents
  const outputs = feed.map((text) => JSON.parse(text) as Output)
  const firstDifferent = straight.findIndex((text, at) => text !== feed[at])
  return [
    ...lossDefects(records, clients.load),
    ...importDefects(records, clients.importer),
    ...tickDefects(records),
    ...orderDefects(records),
    ...(firstDifferent < 0 && straight.length === feed.length
      ? []
      : [`the feed has ${feed.length} outputs and one fold has ${straight.length}; they differ from output ${firstDifferent + 1}`]),
    ...agree({ definition, log: records }, () => ({ outputs, late })).disagreements,
  ]
}

function countIds(records: readonly LogRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const record of records) if (isEvent(record)) counts.set(record.id, (counts.get(record.id) ?? 0) + 1)
  return counts
}

/** The log must contain each answered event as often as it was answered, and no refused event. It may contain events that got no answer. */
function lossDefects(records: readonly LogRecord[], { events }: Load): string[] {
  const counts = countIds(records)
  return [...events].flatMap(([id, { sent, answered, refused }]) => {
    const found = counts.get(id) ?? 0
    return found >= answered && found <= sent - refused ? [] : [`event ${id}: sent ${sent}, answered ${answered}, refused ${refused}, found ${found} times`]
  })
}

function importDefects(records: readonly LogRecord[], { durable }: Importer): string[] {
  const counts = countIds(records)
  const repeated = [...counts].filter(([id, count]) => id.startsWith('i') && count > 1).map(([id, count]) => `row ${id}: found ${count} times`)
  const missing = [...durable].flatMap(([source, rows]) =>
    Array.from({ length: rows }, (_, row) => `i${source}-${row}`)
      .filter((id) => !counts.has(id))
      .map((id) => `row ${id} was answered and is not in the log`),
  )
  return [...repeated, ...missing, ...misplacedEntries(records)]
}

/** Rows must be between the begin and the end of an import, and nothing else may be there. */
function misplacedEntries(records: readonly LogRecord[]): string[] {
  let isOpen = false
  return records.flatMap((record) => {
    if (!isEvent(record)) {
      if (record.record === 'backfill.begin') isOpen = true
      if (record.record === 'backfill.end') isOpen = false
      return isOpen && record.record === 'tick' ? [`a tick of ${record.time} inside of an import`] : []
    }
    return isOpen === record.id.startsWith('i') ? [] : [`event ${record.id} is inside or outside of an import, where it must not be`]
  })
}

/** Live events must be in the order in which they were accepted, also events that an import held. */
function orderDefects(records: readonly LogRecord[]): string[] {
  const live = records.filter((record) => isEvent(record)).filter(({ id }) => !id.startsWith('i'))
  return live.flatMap(({ id, receivedAt }, at) =>
    at > 0 && receivedAt < (live[at - 1]?.receivedAt ?? '') ? [`event ${id}, accepted at ${receivedAt}, is after an event that was accepted later`] : [],
  )
}

/** An event that was accepted before the time of a tick must be before the tick, and log time must not go back. */
function tickDefects(records: readonly LogRecord[]): string[] {
  let tick = Number.NEGATIVE_INFINITY
  return records.flatMap((record) => {
    if (isEvent(record))
      return !record.id.startsWith('i') && instantOf(record.receivedAt) < tick ? [`event ${record.id} was accepted before the time of an earlier tick`] : []
    if (record.record !== 'tick') return []
    const before = tick
    tick = instantOf(record.time)
    return tick < before ? [`the tick of ${record.time} goes back`] : []
  })
}
