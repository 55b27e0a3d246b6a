import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CompiledCycle, compileCycle } from '#cycle'
import type { FolderState, OwnedPartition } from '#event-log'
import { runPartition, SharedReading } from '#pipeline'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { mostlyAFew, musicAction } from '../fixtures/music-service.ts'
import { shippedDefinition } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'
import { DAY_MS, frameOf, Load, openLine, START } from './load.ts'

const FRAMES = 3000
const EVENTS_A_FRAME = 100
const FRAMES_AN_APPEND = 100
const LISTENERS = 10_000
const MUSICIANS = 1000
const DAYS = 40
const ROUNDS = 7

/** What a second cycle over one stream costs beside the first, from log.db to the commits, in processor time of the whole process. */
export const cyclesBench: Bench = { second: secondCycle }

async function secondCycle(): Promise<Figure[]> {
  using parent = temporaryFolder()
  const path = join(parent.path, 'data')
  const [listener, musician] = [compileCycle(shippedDefinition('listener')), compileCycle(shippedDefinition('musician'))]
  await fill(path, listener)
  // The first run compiles.
  await foldAll(path, [listener, musician])
  const rounds: { listeners: number; musicians: number; both: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const listeners = await foldAll(path, [listener])
    const both = await foldAll(path, [listener, musician])
    rounds.push({ listeners, both, musicians: await foldAll(path, [musician]) })
  }
  const events = FRAMES * EVENTS_A_FRAME
  const perEvent = (ms: number): number => (ms / events) * 1000
  return [
    { what: 'the cycle of listeners, from log.db to state.db', unit: 'µs an event', samples: rounds.map(({ listeners }) => perEvent(listeners)) },
    { what: 'the cycle of musicians, alone', unit: 'µs an event', samples: rounds.map(({ musicians }) => perEvent(musicians)) },
    { what: 'both over one stream', unit: 'µs an event', samples: rounds.map(({ both }) => perEvent(both)) },
    {
      what: 'musicians as the second cycle / listeners as the first',
      unit: '%',
      samples: rounds.map(({ listeners, both }) => ((both - listeners) / listeners) * 100),
      target: { atMost: 60 },
    },
    {
      what: 'both over one stream / each alone',
      unit: '%',
      samples: rounds.map(({ listeners, musicians, both }) => (both / (listeners + musicians)) * 100),
    },
  ]
}

async function fill(path: string, cycle: CompiledCycle): Promise<void> {
  const load = new Load({ actors: LISTENERS, content: (random) => musicAction(random, mostlyAFew(MUSICIANS)) })
  const timeOf = (n: number): number => Math.floor(START + (DAYS * DAY_MS * n) / (FRAMES * EVENTS_A_FRAME))
  const frame = (n: number): string => {
    const lines = Array.from({ length: EVENTS_A_FRAME }, (_, i) => load.byChance(timeOf(n * EVENTS_A_FRAME + i)))
    return frameOf(lines, timeOf((n + 1) * EVENTS_A_FRAME))
  }
  const folder = openCycleFolder(path, cycle)
  await folder.writer.append(0, [openLine(START)])
  for (let from = 0; from < FRAMES; from += FRAMES_AN_APPEND)
    await folder.writer.append(
      0,
      Array.from({ length: FRAMES_AN_APPEND }, (_, at) => frame(from + at)),
    )
  await folder.close()
}

/** Folds the log from its beginning into new state files. @returns milliseconds of processor time */
async function foldAll(path: string, cycles: readonly CompiledCycle[]): Promise<number> {
  const [first, ...others] = cycles as [CompiledCycle, ...CompiledCycle[]]
  const folder = openCycleFolder(path, first, ...others)
  const reading = new SharedReading()
  globalThis.gc?.()
  const before = process.cpuUsage()
  await Promise.all(cycles.map((cycle, at) => foldToEnd(folder.states[at] as FolderState, cycle, reading)))
  const { user, system } = process.cpuUsage(before)
  const files = folder.states.map(({ stateFile }) => stateFile)
  await folder.close()
  for (const file of files) rmSync(join(path, file))
  return (user + system) / 1000
}

async function foldToEnd(state: FolderState, cycle: CompiledCycle, reading: SharedReading): Promise<void> {
  const reader = state.reader()
  const owned = await new Promise<OwnedPartition>((assigned, failed) => {
    reader.own({ assigned, revoked: () => undefined }).catch(failed)
  })
  const end = new AbortController()
  const report = ({ kind, offset }: { kind: string; offset?: number }): void => {
    if (kind === 'committed' && offset === FRAMES) end.abort()
  }
  await runPartition(owned, cycle, { signal: end.signal, reading, report: (progress) => report(progress as { kind: string; offset?: number }) })
  await reader.close()
}
