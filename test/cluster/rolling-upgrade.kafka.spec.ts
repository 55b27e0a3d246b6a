import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { TemporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import type { AppName, AppProcess } from '../../scripts/local/app-process.ts'
import { isSecuredByDefault } from '../../scripts/local/broker.ts'
import { freePorts } from '../../scripts/local/free-port.ts'
import { Trial } from '../faults/trial.ts'
import { TrialServers } from '../faults/trial-servers.ts'
import { verify } from '../faults/verifier.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { laterRelease } from '../fixtures/processes/later-release.ts'
import { Pods } from '../fixtures/processes/pods.ts'
import { answerOf, Sender } from '../fixtures/processes/sender.ts'

const ACTORS = 40
const READ_MS = 50
/** A rollout takes longer than other trials, and each event that comes out of order makes the fold apply the minute before it again. */
const LOAD = { pauseMs: 500 }
/** Longer than in other trials: a process that starts on a busy machine must not lose its partitions again and again. */
const TIMES = { RONDO_SESSION: '6s', RONDO_TRANSACTION: '6s' }

let shared: TrialServers
let later: TemporaryFolder
beforeAll(async () => {
  await build({ onlyIfStale: true })
  later = laterRelease()
  shared = await TrialServers.start(isSecuredByDefault)
})
afterAll(async () => {
  await shared?.end()
  later?.[Symbol.dispose]()
})

const urlsOf = (trial: Trial, app: 'ingest' | 'serving'): string[] =>
  trial
    .running(app)
    .map(({ url }) => url)
    .filter((url) => url !== '')

/** Reads counts all the time, from each process of serving that listens. */
class Reader {
  readonly answers = new Set<string>()
  count = 0
  readonly #end = new AbortController()
  readonly #running: Promise<void>

  constructor(trial: Trial) {
    this.#running = this.#run(trial)
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(trial: Trial): Promise<void> {
    for (; !this.#end.signal.aborted; this.count++) {
      const urls = urlsOf(trial, 'serving')
      try {
        const response = await fetch(`${urls[this.count % urls.length]}/v1/cycles/heartbeat/stages`)
        await response.arrayBuffer()
        this.answers.add(answerOf(response))
      } catch {
        this.answers.add('no answer')
      }
      await sleep(READ_MS)
    }
  }
}

/** Resolves when clients have got this many more answers. */
async function moreAnswered(trial: Trial, count: number): Promise<void> {
  const goal = trial.answered.length + count
  await eventually(
    () => trial.answered.length,
    (length) => length >= goal,
  )
}

/** An act of a kind that only a later release knows. */
async function writeLaterAct({ settings }: Trial): Promise<void> {
  const producer = plainClient(shared.broker).producer()
  await producer.connect()
  const act = { kind: 'tea-made', at: '2027-01-01T00:00:00.000Z', by: 'command' }
  await producer.send({ topic: `${settings.prefix}control`, messages: [{ partition: 0, value: JSON.stringify(act) }] })
  await producer.disconnect()
}

describe('a rolling upgrade under load', () => {
  it('loses and repeats nothing, and gives no client an answer after which it would not send again', async () => {
    const trial = await Trial.begin(shared, 1, { ingest: 0, processor: 0, serving: 0 })
    try {
      const apps = {
        ingest: new Pods(trial, 'ingest', shared.folder),
        processor: new Pods(trial, 'processor'),
        reactor: new Pods(trial, 'reactor'),
        serving: new Pods(trial, 'serving', shared.folder),
      }
      const before = { settings: TIMES }
      await Promise.all([apps.serving.start(2, before), apps.processor.start(2, before), apps.ingest.start(2, before), apps.reactor.start(1, before)])
      // Clients whose requests also reach processes that are about to end, or that are not ready yet.
      trial.senders.splice(0, 2, ...['a', 'b'].map((name) => new Sender(name, () => urlsOf(trial, 'ingest'), ACTORS, LOAD)))
      await trial.startLoad()
      const reader = new Reader(trial)

      /** In order; but the last pod does not end in its time, and is killed. */
      const end = async (pod: AppProcess, place: number): Promise<void> => {
        if (place > 0) return trial.retire(pod)
        pod.child.kill('SIGSTOP')
        pod.child.kill('SIGTERM')
        await moreAnswered(trial, 20)
        await trial.kill(pod)
      }
      const version = { release: later.path, settings: { ...TIMES, RONDO_CHECKPOINT_ROUND: '500' } }
      // The ingest process that is not replaced yet goes on, although this act is unknown to it.
      await writeLaterAct(trial)
      await apps.serving.replace({ version })
      await apps.processor.replace({ version, end })
      await apps.ingest.replace({ version, end })
      await apps.reactor.replace({ version })
      await moreAnswered(trial, 50)

      await reader.stop()
      await trial.endLoad()
      const { defects, outputs } = await verify(trial, 50)
      expect(defects).toEqual([])
      const answers = new Set(trial.senders.flatMap((sender) => [...sender.answers]))
      expect([...answers].filter((answer) => !['200', '503', 'no answer'].includes(answer))).toEqual([])
      expect([...reader.answers].filter((answer) => !['200', '503', 'no answer'].includes(answer))).toEqual([])
      expect([outputs.length > 100, reader.count > 100]).toEqual([true, true])
    } finally {
      await trial.end()
    }
  }, 300_000)
})

describe('processes that start while the brokers are away', () => {
  it('live, are not ready and say why, become ready by themselves, and end when they are asked', async () => {
    const trial = await Trial.begin(shared, 2, { ingest: 0, processor: 0, serving: 0 })
    const ports = await freePorts(4)
    const launch = (app: AppName, at: number): AppProcess => trial.launch(app, { RONDO_PORT: String(ports[at]) })
    const probe = (at: number, name: string): Promise<Response> => fetch(`http://127.0.0.1:${ports[at]}/v1/health/${name}`)
    try {
      await shared.broker.kill()
      const processes = (['ingest', 'processor', 'serving', 'reactor'] as const).map(launch)
      for (const [at, process] of processes.entries()) {
        await eventually(
          () => process.output,
          (output) => output.includes('The process starts when the log can be reached.'),
        )
        const [live, ready] = await Promise.all([probe(at, 'live'), probe(at, 'ready')])
        expect([live.status, ready.status]).toEqual([200, 503])
        expect(await ready.json()).toMatchObject({ reason: expect.stringContaining('The process starts when the log can be reached.') })
      }
      const [ending, ...waiting] = processes.reverse() as [AppProcess, ...AppProcess[]]
      await trial.retire(ending)
      await shared.broker.start()
      await Promise.all(waiting.map((process) => process.ready()))
      expect([ending.child.exitCode, trial.defects, trial.endedApps]).toEqual([0, [], []])
    } finally {
      await trial.end()
    }
  })
})
