import type { ActivityEvent, ControlRecord, CycleDefinition, LateRecord, Output } from '#contracts'
import { type CompiledCycle, compileCycle, PartitionFold } from '#cycle'
import { ActivityLog, Backfill, type DataFolder, type FolderState, type OwnedPartition } from '#event-log'
import { decodeFrame, runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { systemClock } from '#runtime'

/** The contents of the folder of a stopped process, after its log was folded to the end. */
export interface FolderContents {
  readonly records: readonly (ActivityEvent | ControlRecord)[]
  /** The feed that all processes of the folder published, one after the other. */
  readonly feed: readonly string[]
  readonly late: readonly LateRecord[]
  /** The outputs of one fold that reads the log from its beginning to its end. */
  readonly straight: readonly string[]
  /** The bytes of live events that an import still held at the last kill. */
  readonly held: number
}

const PAGE = 10_000

/** Reads everything that a folder of one cycle stores. */
export async function readFolder(path: string, definition: CycleDefinition): Promise<FolderContents> {
  const [contents] = await readCycles(path, [definition])
  return contents as FolderContents
}

/** Reads everything that a folder stores, for each of its cycles. */
export async function readCycles(path: string, definitions: readonly CycleDefinition[]): Promise<FolderContents[]> {
  const [first, ...others] = definitions.map((definition) => compileCycle(definition)) as [CompiledCycle, ...CompiledCycle[]]
  const folder = openCycleFolder(path, first, ...others)
  try {
    const held = await endImport(folder, Math.min(first.graceMs, ...others.map(({ graceMs }) => graceMs)))
    const contents: FolderContents[] = []
    for (const [at, definition] of definitions.entries()) contents.push({ ...(await readState(path, folder.states[at] as FolderState, definition)), held })
    return contents
  } finally {
    await folder.close()
  }
}

async function readState(path: string, { stateFile, stateReader }: FolderState, definition: CycleDefinition): Promise<Omit<FolderContents, 'held'>> {
  const frames = await foldToEnd(path, stateFile, definition)
  const entries = frames.flatMap(decodeFrame)
  const state = stateReader()
  const feed: string[] = []
  for (let page = await state.read(0, PAGE); page.length > 0; page = await state.read(feed.length, PAGE)) feed.push(...page.map(({ output }) => output))
  const late: LateRecord[] = []
  for (let page = await state.late(0, PAGE); page.length > 0; page = await state.late(late.length, PAGE))
    late.push(...page.map(({ record }) => JSON.parse(record)))
  state.close()
  const records = entries.flatMap((entry) => (entry.kind === 'poison' ? [] : [entry.record]))
  if (records.length < entries.length) throw new TypeError('there is poison in the log')
  return { records, feed, late, straight: foldStraight(definition, frames) }
}

/** Ends the open import, which moves its held events into the log. @returns the number of held bytes */
async function endImport(folder: DataFolder, graceMs: number): Promise<number> {
  const log = new ActivityLog(folder.writer)
  const bytes = log.state.held?.bytes ?? 0
  const backfill = new Backfill({ log, clock: systemClock, graceMs })
  if (log.state.backfill !== null) await backfill.end(log.state.backfill.id)
  await log.release()
  return bytes
}

/** Folds the rest of the log with the processor. @returns all frames of the log */
async function foldToEnd(path: string, stateFile: string, definition: CycleDefinition): Promise<string[]> {
  const reader = cycleLogReader(path, { stateFile })
  const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
  await reader.own({ assigned: resolve, revoked: () => {} })
  const owned = await promise
  const frames: string[] = []
  for (let page = await read(owned, 0); page.length > 0; page = await read(owned, frames.length)) frames.push(...page.map(({ frame }) => frame))
  const stop = new AbortController()
  const report = async (): Promise<void> => {
    if (((await owned.committed())?.offset ?? -1) === frames.length - 1) stop.abort()
  }
  await runPartition(owned, compileCycle(definition), { signal: stop.signal, waitMs: 0, report: () => void report() })
  await reader.close()
  return frames
}

const read = (owned: OwnedPartition, offset: number) => owned.read(offset, { bytesMax: 1 << 20, waitMs: 0 })

function foldStraight(definition: CycleDefinition, frames: readonly string[]): string[] {
  const outputs: string[] = []
  const fold = new PartitionFold(compileCycle(definition), { output: (output: Output) => outputs.push(JSON.stringify(output)) })
  for (const entry of frames.flatMap(decodeFrame)) {
    if (entry.kind === 'event') fold.apply(entry.event)
    else if (entry.kind === 'control') fold.apply(entry.record)
  }
  return outputs
}
