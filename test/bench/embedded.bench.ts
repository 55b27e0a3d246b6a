import { setTimeout as sleep } from 'node:timers/promises'
import { formatInstant, instantOf, type Output } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { DataFolder, OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { cycleOf } from './cycle.ts'
import { type Bench, type Figure, quantileOf } from './figure.ts'
import { DAY_MS, Load, openLine, START, tickLine } from './load.ts'

const ACTORS = 1_000_000
const EVENTS_A_FRAME = 250
const ABSENCE_MS = 30 * DAY_MS
/** The time in which absences are measured, and how many become due in it. */
const LIVE_S = 20
const DUE_LIVE = 20_000
const FRAMES_AN_APPEND = 40
/** The pause between two appends while a million deadlines fire. */
const PROBE_MS = 20
/** By then a million actors are in the log and folded, before the first of them is due. */
const FILL_MS = 120_000

/** Deadlines in the standalone process: a million at once, and how soon an absence is noticed. */
export const embeddedBench: Bench = { million: millionDue, absence: absenceNoticed }

/** A running fold of a partition. */
interface Running {
  readonly stop: () => Promise<void>
  readonly restored: Promise<void>
  outputs: number
}

async function run(folder: DataFolder, cycle: CompiledCycle, onOutputs: (outputs: readonly Output[]) => void = () => undefined): Promise<Running> {
  const reader = cycleLogReader(folder.path)
  const end = new AbortController()
  const owned = await new Promise<OwnedPartition>((assigned, failed) => {
    reader.own({ assigned, revoked: () => end.abort() }).catch(failed)
  })
  const { promise: restored, resolve } = Promise.withResolvers<void>()
  const commit: OwnedPartition['commit'] = async (step) => {
    const outcome = await owned.commit(step)
    running.outputs += step.outputs.length
    onOutputs(step.outputs)
    // Gives ingest and serving, which use the same event loop, time to run.
    await sleep(0)
    return outcome
  }
  const partition: OwnedPartition = {
    partition: owned.partition,
    partitions: 1,
    committed: () => owned.committed(),
    partitionMetadata: () => owned.partitionMetadata(),
    names: () => owned.names(),
    checkpoints: () => owned.checkpoints(),
    read: (offset, limits) => owned.read(offset, limits),
    commit,
  }
  const ended = runPartition(partition, cycle, { signal: end.signal, report: ({ kind }) => kind === 'restored' && resolve() })
  const stop = async (): Promise<void> => {
    end.abort()
    await ended
    await reader.close()
  }
  const running: Running = { stop, restored, outputs: 0 }
  return running
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(2)
}

/** One event for each actor, the n-th at `timeOf(n)`, as rows of a backfill. */
async function fill(folder: DataFolder, timeOf: (n: number) => number): Promise<void> {
  const load = new Load({ actors: ACTORS })
  const control = (record: string, time: number): string => JSON.stringify({ record, writer: 'history', time: formatInstant(time) })
  await folder.writer.append(0, [control('backfill.begin', timeOf(0))])
  for (let from = 0; from < ACTORS; from += EVENTS_A_FRAME * FRAMES_AN_APPEND) {
    const frames = Array.from({ length: FRAMES_AN_APPEND }, (_, frame) =>
      Array.from({ length: EVENTS_A_FRAME }, (__, i) => load.inTurn(timeOf(from + frame * EVENTS_A_FRAME + i))).join('\n'),
    )
    await folder.writer.append(0, frames)
  }
  await folder.writer.append(0, [control('backfill.end', timeOf(ACTORS - 1))])
}

/** A million actors were last seen at one instant: all are due at once. Then the process starts again. */
async function millionDue(): Promise<Figure[]> {
  using parent = temporaryFolder()
  const cycle = cycleOf('presence-30d')
  const folder = openCycleFolder(`${parent.path}/data`, cycle)
  await fill(folder, () => START)
  let drained = 0
  const first = await run(folder, cycle, (outputs) => {
    drained += outputs.filter(({ kind }) => kind === 'disengage').length
  })
  await until(() => first.outputs === ACTORS)
  const before = process.memoryUsage.rss()
  let peak = before
  const waits: number[] = []
  const meanwhile = new Load({ actors: ACTORS, seed: 2 })
  const due = START + ABSENCE_MS + 1000
  const begun = performance.now()
  await folder.writer.append(0, [`${openLine(due)}\n${tickLine(due)}`])
  while (drained < ACTORS) {
    const asked = performance.now()
    await folder.writer.append(0, [meanwhile.inTurn(due)])
    waits.push(performance.now() - asked)
    peak = Math.max(peak, process.memoryUsage.rss())
    await sleep(PROBE_MS)
  }
  const seconds = (performance.now() - begun) / 1000
  await first.stop()
  const restartMs = await restart(folder, cycle, due)
  await folder.close()
  return [
    { what: '1 M deadlines at one instant, drained and committed', unit: 's', samples: [seconds], target: { atMost: 10 } },
    { what: 'memory more at the peak of it', unit: 'MB', samples: [(peak - before) / 1e6] },
    { what: 'an append meanwhile, on the same thread, p99', unit: 'ms', samples: [quantileOf(waits, 0.99)] },
    { what: 'restart with 1 M actors, to the first new transition', unit: 's', samples: [restartMs / 1000], target: { atMost: 10 } },
  ]
}

async function restart(folder: DataFolder, cycle: CompiledCycle, after: number): Promise<number> {
  const begun = performance.now()
  const second = await run(folder, cycle)
  await folder.writer.append(0, [new Load({ actors: ACTORS + 1, seed: 3, first: ACTORS }).inTurn(after + DAY_MS)])
  await second.restored
  await until(() => second.outputs > 0)
  const ms = performance.now() - begun
  await second.stop()
  return ms
}

/** A million timers are set, some of them for the next seconds. A tick is written each second. */
async function absenceNoticed(): Promise<Figure[]> {
  using parent = temporaryFolder()
  const cycle = cycleOf('presence-30d')
  const folder = openCycleFolder(`${parent.path}/data`, cycle)
  const liveFrom = Date.now() + FILL_MS
  const spread = ACTORS - DUE_LIVE
  const timeOf = (n: number): number =>
    n < DUE_LIVE
      ? liveFrom - ABSENCE_MS + Math.floor((n / DUE_LIVE) * LIVE_S * 1000)
      : liveFrom - ABSENCE_MS + 60_000 + Math.floor(((n - DUE_LIVE) / spread) * 29 * DAY_MS)
  await fill(folder, timeOf)
  const delays: number[] = []
  const running = await run(folder, cycle, (outputs) => {
    const committed = Date.now()
    for (const { kind, at } of outputs) if (kind === 'disengage') delays.push(committed - instantOf(at))
  })
  await until(() => running.outputs >= ACTORS)
  if (Date.now() >= liveFrom) throw new Error(`to fill the log took longer than ${FILL_MS / 1000} s; what is due would be late before it begins`)
  await folder.writer.append(0, [openLine(Date.now())])
  while (Date.now() < liveFrom + (LIVE_S + 3) * 1000) {
    await folder.writer.append(0, [tickLine(Date.now())])
    await sleep(1000)
  }
  await running.stop()
  await folder.close()
  return [
    {
      what: `absence noticed after its deadline, 1 M armed, ${delays.length} due in ${LIVE_S} s, p99`,
      unit: 'ms',
      samples: [quantileOf(delays, 0.99)],
      target: { atMost: 2000 },
    },
    { what: 'the same, p50', unit: 'ms', samples: [quantileOf(delays, 0.5)] },
  ]
}
