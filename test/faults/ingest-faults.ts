import { instantOf, type Output } from '#contracts'
import { partitionOf } from '#event-log'
import { decodeRecord } from '#pipeline'
import { feedOf, logOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'
import type { Fault } from './fault.ts'
import { ABSENCE_MS, PARTITIONS, type Trial } from './trial.ts'

/** The least number of ticks in the 4 s from an event to the absence of its actor. Ingest writes one each second if an absence can be due, else one in 15 s. */
const TICKS_MIN = 2

const allDown: Fault = {
  name: 'all ingest processes are down for longer than the absence',
  counts: { ingest: 2 },
  async run(trial) {
    const ending = trial.random.pick(['kill', 'retire'] as const)
    await Promise.all(trial.of('ingest').map((ingest) => trial[ending](ingest)))
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
    // Log time does not move until the third process has closed their writers.
    await trial.wait(7000)
  },
}

const paused: Fault = {
  name: 'an ingest process is paused until the other has closed it, then resumes',
  counts: { ingest: 2 },
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.pause(trial.random.pick(trial.of('ingest')), trial.random.between(4500, 8000))
    await trial.wait(2000)
  },
}

const idle: Fault = {
  name: 'a partition gets one event of one actor, whose absence is noticed in time',
  isQuiet: true,
  async run(trial) {
    const partition = trial.random.between(0, PARTITIONS - 1)
    const userId = Array.from({ length: 50 }, (_, i) => `lonely-${i}`).find((id) => partitionOf(id, PARTITIONS) === partition) ?? ''
    const [ingest] = trial.of('ingest')
    const answer = await post(`${ingest?.url}/v1/track`, { userId, event: 'Beat' })
    if (answer.status !== 200) trial.defects.push(`ingest answered ${answer.status}`)
    const absence = await eventually(
      () => absenceOf(trial, partition),
      (found) => found !== undefined,
    )
    const dueAt = instantOf(absence?.at ?? '')
    const ticks = (await logOf(trial.settings, partition))
      .flatMap(decodeRecord)
      .flatMap((entry) => (entry.kind === 'control' && entry.record.record === 'tick' ? [instantOf(entry.record.time)] : []))
    const count = ticks.filter((time) => time > dueAt - ABSENCE_MS && time <= dueAt).length
    if (count < TICKS_MIN) trial.defects.push(`${count} ticks were written in the ${ABSENCE_MS} ms before the absence`)
  },
}

async function absenceOf({ settings }: Trial, partition: number): Promise<Output | undefined> {
  const outputs = (await feedOf(settings, partition)).map((output) => JSON.parse(output) as Output)
  return outputs.find(({ kind }) => kind === 'disengage')
}

/** Faults of ingest processes. */
export const ingestFaults: readonly Fault[] = [allDown, twoOfThree, paused, idle]
