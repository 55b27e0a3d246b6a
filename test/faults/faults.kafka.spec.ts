import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from '../../scripts/build.ts'
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
import { Trial } from './trial.ts'
import { TrialServers } from './trial-servers.ts'
import { verify } from './verifier.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const seed = Number(process.env['RONDO_TEST_SEED'] ?? Math.floor(Date.now() / 1000))
const runs = Number(process.env['RONDO_FAULT_RUNS'] ?? (isLong ? 50 : 1))
/** Selects the faults whose names contain this text. */
const wanted = process.env['RONDO_FAULT']
/** `1` or `0`: all trials, or none, have servers with TLS, logins and rights. */
const { RONDO_TEST_SECURED: form } = process.env
const THIRDS = 3

/** A run of a fault. */
interface PlannedTrial {
  readonly fault: Fault
  readonly name: string
  readonly seed: number
  /** Whether the servers ask for TLS and logins, and check rights. */
  readonly secured: boolean
}

const allFaults = [processorFaults, ingestFaults, brokerFaults, logFaults, checkpointFaults, redisFaults, operatorFaults, stallFaults].flat()
const planned: readonly PlannedTrial[] = allFaults.flatMap((fault, number) =>
  Array.from({ length: isChosen(fault, number) ? runs : 0 }, (_, run) => ({
    fault,
    name: `when ${fault.name}${runs > 1 ? ` (run ${run + 1})` : ''}`,
    seed: seed * 1000 + number * 31 + run,
    secured: isSecured(number, run),
  })),
)
if (planned.length === 0) throw new Error(`RONDO_FAULT: no fault has "${wanted}" in its name; docs/reliability.md lists them`)

/** Without a selection by name, and unless the run is long, every third fault runs. The seed chooses the first. */
function isChosen({ name }: Fault, number: number): boolean {
  return wanted === undefined ? isLong || number % THIRDS === seed % THIRDS : name.toLowerCase().includes(wanted.toLowerCase())
}

/** One third of the chosen faults; the seed chooses which. Three runs of a fault are one secured and two others. */
function isSecured(number: number, run: number): boolean {
  if (form === '0' || form === '1') return form === '1'
  return (Math.floor(number / THIRDS) + run) % THIRDS === Math.floor(seed / THIRDS) % THIRDS
}

const OUTPUTS_MIN = 50

beforeAll(async () => {
  await build({ onlyIfStale: true })
  process.stderr.write(`The seed of the faults is ${seed} (RONDO_TEST_SEED).\n`)
}, 300_000)

/** Servers of one form for the trials of a group. They are ended before those of the other form start. */
function serversForTests(secured: boolean): () => TrialServers {
  let servers: TrialServers | undefined
  beforeAll(async () => {
    servers = await TrialServers.start(secured)
  }, 300_000)
  afterAll(() => servers?.end())
  return () => servers as TrialServers
}

/** Runs one trial. @returns its defects */
async function defectsOf({ fault, seed: trialSeed, secured }: PlannedTrial, shared: TrialServers): Promise<string[]> {
  const began = Date.now()
  const trial = await Trial.begin(shared, trialSeed, fault.counts)
  try {
    if (fault.isQuiet !== true) await trial.startLoad()
    await fault.run(trial)
    const { defects, events, outputs } = await outcomeOf(fault, trial)
    const size = `${events} records, ${outputs} outputs, ${Date.now() - began} ms`
    defects.push(...trial.shownSecrets)
    process.stderr.write(`${fault.name}${secured ? ', secured' : ''}: seed ${trialSeed}, ${size}, ${defects.length} defects\n`)
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

/** The forms that have trials; the verifier is tried in the last one. */
const forms = [false, true].filter((secured) => planned.some((trial) => trial.secured === secured))

describe.each(forms)('a cluster publishes the outputs of a fold of its log; with TLS, logins and rights: %s', (secured) => {
  const servers = serversForTests(secured)
  for (const trial of planned.filter((one) => one.secured === secured)) {
    it(trial.name, async () => {
      expect({ seed: trial.seed, defects: await defectsOf(trial, servers()) }).toEqual({ seed: trial.seed, defects: [] })
    }, 300_000)
  }

  if (secured === forms.at(-1))
    it('and the verifier finds an output that was written twice: by the bytes of the feed, by the id and by the seq', () => findsDouble(servers()))
})

async function findsDouble(shared: TrialServers): Promise<void> {
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
}
