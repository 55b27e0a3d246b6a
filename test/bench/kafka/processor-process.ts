// Rondo's processor in its own process: `node processor-process.ts SETTINGS`, with the settings of Kafka as JSON. It prints a line when a
// partition is restored.
import { writeSync } from 'node:fs'
import { openKafkaLog } from '#event-log'
import { networkLogLimits, runPartition } from '#pipeline'
import { hashSeed } from '#runtime'
import { cycleOf } from '../cycle.ts'

const log = await openKafkaLog(JSON.parse(process.argv[2] ?? ''))
const reader = log.reader({ onError: ({ code, message }) => writeSync(2, `error ${code} ${message}\n`) })
const cycle = cycleOf('presence-30d')
const runs = new Map<number, AbortController>()
process.once('SIGTERM', () => {
  for (const run of runs.values()) run.abort()
  void reader.close().then(() => process.exit(0))
})
await reader.own({
  assigned: (owned) => {
    const run = new AbortController()
    runs.set(owned.partition, run)
    const report: NonNullable<Parameters<typeof runPartition>[2]['report']> = (progress) => {
      if (progress.kind === 'restored') writeSync(1, `restored ${owned.partition} ${progress.actors}\n`)
    }
    void runPartition(owned, cycle, { signal: run.signal, seed: hashSeed(), report, limits: networkLogLimits })
  },
  revoked: (partition) => runs.get(partition)?.abort(),
})
