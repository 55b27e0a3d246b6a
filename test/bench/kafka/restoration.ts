import { setTimeout as sleep } from 'node:timers/promises'
import { openKafkaLog } from '#event-log'
import type { Figure } from '../figure.ts'
import { DAY_MS, Load, START } from '../load.ts'
import { FRAME_EVENTS, populationEvents, writeFrames } from './backlog.ts'
import type { BenchBroker } from './bench-broker.ts'
import { startProcessor } from './cases.ts'
import { race } from './race.ts'

const ACTORS = 1_000_000
const EVENTS = 500_000
const POLL_MS = 20

/** A processor is restarted with the states of a million actors. */
export async function restoration(bench: BenchBroker): Promise<Figure[]> {
  const settings = bench.settings('restore')
  const log = await openKafkaLog(settings)
  await writeFrames(log, populationEvents({ actors: ACTORS, share: 0.02, events: EVENTS }))
  const [topic, { group }] = ['restore.activity', settings]
  const fill = await race(bench, { topic, group, warmUp: 1, eventsARecord: FRAME_EVENTS, start: () => [startProcessor(settings)] })
  const writer = log.writer()
  const newcomer = new Load({ actors: ACTORS + 1, seed: 3, first: ACTORS }).inTurn(START + 10 * DAY_MS)
  await writer.append(0, [newcomer])
  await writer.close()
  const end = await bench.end(topic)
  const begun = performance.now()
  const child = startProcessor(settings)
  let restoredMs = 0
  while ((await bench.committed(group, topic)) < end - 1 || restoredMs === 0) {
    child.check()
    if (restoredMs === 0 && child.output.includes('restored')) restoredMs = performance.now() - begun
    await sleep(POLL_MS)
  }
  const firstMs = performance.now() - begun
  const actors = Number(/restored \d+ (\d+)/.exec(child.output)?.[1])
  await child.stop()
  await bench.deleteTopics((name) => name.startsWith('restore.'))
  return [
    { what: `Rondo, a million first events, all with an output, and ${EVENTS / 1000} k more`, unit: 'events/s', samples: [fill.eventsPerS] },
    {
      what: `restart with ${actors.toLocaleString('en-US')} actors, from the start of the process to the state restored`,
      unit: 's',
      samples: [restoredMs / 1000],
    },
    { what: 'the same, to the first new transition committed', unit: 's', samples: [firstMs / 1000], target: { atMost: 10 } },
  ]
}
