import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import { Broker } from '../../scripts/local/broker.ts'
import { RedisServer } from '../fixtures/redis/redis-server.ts'
import { brokerFaults } from './broker-faults.ts'
import { checkpointFaults } from './checkpoint-faults.ts'
import type { Fault } from './fault.ts'
import { ingestFaults } from './ingest-faults.ts'
import { logFaults } from './log-faults.ts'
import { operatorFaults } from './operator-faults.ts'
import { processorFaults } from './processor-faults.ts'
import { RawTopic } from './raw-topic.ts'
import { redisFaults } from './redis-faults.ts'
import { stallFaults } from './stall-faults.ts'
import { type SharedServers, Trial } from './trial.ts'
import { verify } from './verifier.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const seed = Number(process.env['RONDO_TEST_SEED'] ?? Math.floor(Date.now() / 1000))
const runs = Number(process.env['RONDO_FAULT_RUNS'] ?? (isLong ? 50 : 1))
/** Selects the faults whose names contain this text. */
const wanted = process.env['RONDO_FAULT']
/** Without that selection, and unless the run is long, every third fault runs. The seed chooses the first. */
const faults = [...processorFaults, ...ingestFaults, ...brokerFaults, ...logFaults, ...checkpointFaults, ...redisFaults, ...operatorFaults, ...stallFaults].map(
  (fault, number) => ({
    fault,
    number,
  }),
)
const chosen = faults.filter(({ fault, number }) =>
  wanted === undefined ? isLong || number % 3 === seed % 3 : fault.name.toLowerCase().includes(wanted.toLowerCase()),
)
if (chosen.length === 0) throw new Error(`RONDO_FAULT: no fault has "${wanted}" in its name; docs/reliability.md lists them`)

const OUTPUTS_MIN = 50

let home: TemporaryFolder
let shared: SharedServers
beforeAll(async () => {
  await build({ onlyIfStale: true })
  home = temporaryFolder()
  const [broker, redis] = await Promise.all([Broker.start(home.path), RedisServer.start()])
  shared = { broker, redis, folder: home.path }
  process.stderr.write(`The seed of the faults is ${seed} (RONDO_TEST_SEED).\n`)
}, 300_000)
afterAll(async () => {
  await Promise.all([shared?.broker.kill(), shared?.redis.kill()])
  home?.[Symbol.dispose]()
})

/** Runs one trial. @returns its defects */
async function defectsOf(fault: Fault, trialSeed: number): Promise<string[]> {
  const began = Date.now()
  const trial = await Trial.begin(shared, trialSeed, fault.counts)
  try {
    if (fault.isQuiet !== true) await trial.startLoad()
    await fault.run(trial)
    const { defects, events, outputs } = await outcomeOf(fault, trial)
    const size = `${events} records, ${outputs} outputs, ${Date.now() - began} ms`
    process.stderr.write(`${fault.name}: seed ${trialSeed}, ${size}, ${defects.length} defects\n`)
    return defects
  } finally {
    await trial.end()
  }
}

async function outcomeOf({ isFinal = false, isQuiet = false }: Fault, trial: Trial): Promise<{ defects: string[]; events: number; outputs: number }> {
  if (isFinal) return { defects: [...trial.defects, ...trial.endedApps], events: 0, outputs: 0 }
  await trial.endLoad()
  const { defects, events, outputs } = await verify(trial, isQuiet ? 1 : OUTPUTS_MIN)
  return { defects, events, outputs: outputs.length }
}

describe('a cluster publishes the outputs of a fold of its log', () => {
  for (const { fault, number } of chosen) {
    for (let run = 0; run < runs; run++) {
      const trialSeed = seed * 1000 + number * 31 + run
      it(`when ${fault.name}${runs > 1 ? ` (run ${run + 1})` : ''}`, async () => {
        expect({ seed: trialSeed, defects: await defectsOf(fault, trialSeed) }).toEqual({ seed: trialSeed, defects: [] })
      }, 300_000)
    }
  }
})

describe('the verifier', () => {
  it('finds an output that was written twice: by the bytes of the feed, by the id and by the seq', async () => {
    const trial = await Trial.begin(shared, seed)
    try {
      await trial.startLoad()
      await trial.endLoad()
      expect((await verify(trial, OUTPUTS_MIN)).defects).toEqual([])
      for (const serving of trial.of('serving')) await trial.kill(serving)
      const feed = new RawTopic(trial, 'transitions')
      const records = await feed.records(0)
      await feed.write(0, records.slice(-1))
      const { defects } = await verify(trial, OUTPUTS_MIN)
      for (const part of ['partition 0, output', 'twice', 'expected seq']) expect(defects).toContainEqual(expect.stringContaining(part))
    } finally {
      await trial.end()
    }
  })
})
