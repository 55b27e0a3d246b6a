import { setTimeout as sleep } from 'node:timers/promises'
import { instantOf, type Output } from '#contracts'
import { partitionOf } from '#event-log'
import { feedOf } from '../fixtures/broker/log-contents.ts'
import { post } from '../fixtures/processes/running-app.ts'
import type { Fault } from './fault.ts'
import { ABSENCE_MS, PARTITIONS, type Trial } from './trial.ts'

/** The time from when an absence is true to when it can be read: a tick comes each second, and the machine may be busy. */
const NOTICED_MS_MAX = 5000

const allDown: Fault = {
  name: 'all ingest processes are down for longer than the absence',
  counts: { ingest: 2 },
  async run(trial) {
    const how = trial.random.pick(['kill', 'retire'] as const)
    await Promise.all(trial.of('ingest').map((ingest) => trial[how](ingest)))
    await trial.wait(ABSENCE_MS + 1000, ABSENCE_MS + 2500)
    await trial.start('ingest', 2)
    await trial.wait(3500)
  },
}

const twoOfThree: Fault = {
  name: 'two of three ingest processes are killed',
  counts: { ingest: 3 },
  async run(trial) {
    const [first, second] = trial.random.shuffled(trial.of('ingest'))
    if (first !== undefined) await trial.kill(first)
    await trial.wait(0, 1000)
    if (second !== undefined) await trial.kill(second)
    // Until the third process has closed their writers, time stands still.
    await trial.wait(7000)
  },
}

const frozen: Fault = {
  name: 'an ingest process is paused until the other has closed it, then resumes',
  counts: { ingest: 2 },
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.freeze(trial.random.pick(trial.of('ingest')), trial.random.between(4500, 8000))
    await trial.wait(2000)
  },
}

const idle: Fault = {
  name: 'a partition is idle but for one actor, whose absence is noticed in time',
  isQuiet: true,
  async run(trial) {
    const partition = trial.random.between(0, PARTITIONS - 1)
    const userId = Array.from({ length: 50 }, (_, i) => `lonely-${i}`).find((id) => partitionOf(id, PARTITIONS) === partition) ?? ''
    const [ingest] = trial.of('ingest')
    const sent = Date.now()
    const answer = await post(`${ingest?.url}/v1/track`, { userId, event: 'Beat' })
    if (answer.status !== 200) trial.defects.push(`ingest answered ${answer.status}`)
    let absence: Output | undefined
    while (absence === undefined && Date.now() - sent < 30_000) {
      await sleep(100)
      absence = await absenceOf(trial, partition)
    }
    // Its `at` is four seconds after ingest accepted the event; under load the answer can follow much later.
    const afterMs = absence === undefined ? Number.POSITIVE_INFINITY : Date.now() - instantOf(absence.at)
    if (!(afterMs >= 0 && afterMs <= NOTICED_MS_MAX)) trial.defects.push(`the absence could be read ${afterMs} ms after it was true`)
  },
}

async function absenceOf({ settings }: Trial, partition: number): Promise<Output | undefined> {
  const outputs = (await feedOf(settings, partition)).map((output) => JSON.parse(output) as Output)
  return outputs.find(({ kind }) => kind === 'disengage')
}

export const ingestFaults: readonly Fault[] = [allDown, twoOfThree, frozen, idle]
