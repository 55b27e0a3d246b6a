import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CompiledCycle, PartitionFold } from '#cycle'
import { decodeFrame } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { openRows } from '#sources'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import { coreMs } from './core-time.ts'
import { cycleOf } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'
import { actorId, DAY_MS, frameOf, Load, openLine, START } from './load.ts'

const FRAMES = 3000
const EVENTS_A_FRAME = 100
const ACTORS = 10_000
const DAYS = 40
const ROUNDS = 5
const SORT_BYTES = 256 << 20

/** How fast a history is replayed. */
export const backtestBench: Bench = { frames: backtestFrames, csv: backtestCsv }

/** The steps of a backtest for each frame of a log, beside the minimum that any program in JavaScript needs. */
function backtestFrames(): Figure[] {
  const load = new Load({ actors: ACTORS })
  const timeOf = (n: number): number => Math.floor(START + (DAYS * DAY_MS * n) / (FRAMES * EVENTS_A_FRAME))
  const frames = Array.from({ length: FRAMES }, (_, frame) => {
    const lines = Array.from({ length: EVENTS_A_FRAME }, (_, i) => load.byChance(timeOf(frame * EVENTS_A_FRAME + i)))
    return frameOf(lines, timeOf((frame + 1) * EVENTS_A_FRAME))
  })
  frames[0] = `${openLine(START)}\n${frames[0]}`
  const cycle = cycleOf('presence-30d')
  const rounds = Array.from({ length: ROUNDS }, () => ({
    lines: coreMs(() => parseLines(frames)),
    frames: coreMs(() => parseFrames(frames)),
    decode: coreMs(() => decodeFrames(frames)),
    whole: coreMs(() => foldFrames(frames, cycle)),
  }))
  const perSecond = (ms: number): number => ((FRAMES * EVENTS_A_FRAME) / ms) * 1000
  return [
    { what: 'backtest of stored frames: decode and fold', unit: 'events/s', samples: rounds.map(({ whole }) => perSecond(whole)) },
    { what: 'the decoding alone', unit: 'events/s', samples: rounds.map(({ decode }) => perSecond(decode)) },
    { what: 'JSON.parse of each line', unit: 'events/s', samples: rounds.map(({ lines }) => perSecond(lines)) },
    { what: 'JSON.parse of each frame as one array', unit: 'events/s', samples: rounds.map((round) => perSecond(round.frames)) },
    {
      what: 'backtest / JSON.parse of each line',
      unit: '%',
      samples: rounds.map(({ lines, whole }) => (lines / whole) * 100),
      target: { atLeast: 50 },
    },
    { what: 'backtest / JSON.parse of each frame', unit: '%', samples: rounds.map((round) => (round.frames / round.whole) * 100) },
  ]
}

let kept: unknown

function parseLines(frames: readonly string[]): void {
  for (const frame of frames) kept = frame.split('\n').map((line) => JSON.parse(line))
}

function parseFrames(frames: readonly string[]): void {
  for (const frame of frames) kept = JSON.parse(`[${frame.replaceAll('\n', ',')}]`)
}

function decodeFrames(frames: readonly string[]): void {
  for (const frame of frames) kept = decodeFrame(frame)
}

function foldFrames(frames: readonly string[], cycle: CompiledCycle): void {
  const fold = new PartitionFold(cycle, { output: (output) => (kept = output) })
  for (const frame of frames) {
    for (const entry of decodeFrame(frame)) {
      if (entry.kind === 'event') fold.apply(entry.event)
      else if (entry.kind === 'control') fold.apply(entry.record)
    }
  }
}

const CSV_ROWS = 400_000

/** The steps of `rondo replay --csv` without the writing. */
async function backtestCsv(): Promise<Figure[]> {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rows.csv')
  const random = new SeededRandom(2)
  const row = (n: number): string => `${actorId(Math.floor(random.share() * ACTORS))},${Math.floor((START + (DAYS * DAY_MS * n) / CSV_ROWS) / 1000)},Visit`
  writeFileSync(path, `actor,time,event\n${Array.from({ length: CSV_ROWS }, (_, n) => row(n)).join('\n')}\n`)
  const cycle = cycleOf('presence-30d')
  const samples: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.threadCpuUsage()
    const rows = openRows({
      input: { path },
      csv: { actor: 'actor', time: 'time', eventColumn: 'event' },
      actorType: cycle.actorType,
      sort: { memoryBytes: SORT_BYTES, folder: folder.path },
    })
    const fold = new PartitionFold(cycle, { output: (output) => (kept = output) }, { replay: true })
    for await (const batch of rows.batches) {
      for (const event of batch) {
        fold.apply({ ...event, properties: event.properties, traits: event.traits, context: event.context })
      }
    }
    const { user, system } = process.threadCpuUsage(before)
    samples.push((CSV_ROWS / (user + system)) * 1e6)
  }
  return [{ what: 'backtest from CSV: read, check, sort and fold', unit: 'events/s', samples }]
}
