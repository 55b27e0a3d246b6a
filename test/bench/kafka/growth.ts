import { openKafkaLog } from '#event-log'
import { randomId } from '#runtime'
import type { Figure } from '../figure.ts'
import { FRAME_EVENTS, populationEvents, writeFrames } from './backlog.ts'
import type { BenchBroker } from './bench-broker.ts'
import { startProcessor } from './cases.ts'
import { race } from './race.ts'

const PARTITIONS = 4
const ACTORS = 100_000
const EVENTS = 1_700_000
/** The number of events before the measurement. Meanwhile the processes start and divide the partitions. */
const WARM_UP = 600_000

/** Folds the same backlog with a growing number of processes. */
export async function growth(bench: BenchBroker): Promise<Figure[]> {
  const settings = bench.settings('growth', PARTITIONS)
  await writeFrames(await openKafkaLog(settings), populationEvents({ actors: ACTORS, share: 0.02, events: EVENTS - ACTORS }))
  const figures: Figure[] = []
  for (const processes of [1, 2, 4]) {
    const turn = { ...settings, group: randomId() }
    await bench.forgetOutputs(turn)
    const start = () => Array.from({ length: processes }, () => startProcessor(turn))
    const lap = await race(bench, { topic: 'growth.activity', group: turn.group, warmUp: WARM_UP / FRAME_EVENTS, eventsARecord: FRAME_EVENTS, start })
    const what = `Rondo, ${PARTITIONS} partitions, ${processes === 1 ? 'one process' : `${processes} processes`}, 2 % outputs`
    figures.push({ what, unit: 'events/s', samples: [lap.eventsPerS] })
    figures.push({ what: `${what}, processor time of all`, unit: 'µs an event', samples: [lap.ownMsPerK] })
  }
  await bench.deleteTopics((topic) => topic.startsWith('growth.'))
  return figures
}
