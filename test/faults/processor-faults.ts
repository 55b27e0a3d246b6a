import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomId } from '#runtime'
import { eventually } from '../fixtures/eventually.ts'
import type { Fault } from './fault.ts'
import { ABSENCE_MS, SESSION_MS, TRANSACTION_MS, type Trial } from './trial.ts'

/** Waits until the text of a writer matches the pattern, and reports a defect if it never does. */
export async function waitForText(trial: Trial, writer: string, text: () => string, pattern: RegExp): Promise<void> {
  await eventually(text, (written) => pattern.test(written)).catch(() => trial.defects.push(`${writer} never wrote ${pattern}: ${text().slice(-500)}`))
}

const killed: Fault = {
  name: 'processors are killed at random instants, twice',
  async run(trial) {
    for (let kills = 0; kills < 2; kills++) {
      await trial.wait(0, 1500)
      await trial.kill(trial.random.pick(trial.of('processor')))
      trial.launch('processor')
      await trial.wait(500, SESSION_MS + 1000)
    }
  },
}

const killedInRestore: Fault = {
  name: 'a processor is killed in the middle of a restore',
  async run(trial) {
    await trial.wait(500, 1500)
    await Promise.all(trial.of('processor').map((process) => trial.kill(process)))
    const faults = join(trial.shared.folder, randomId())
    const edge = trial.random.pick(['enter', 'leave'])
    const restoring = trial.launch('processor', { RONDO_FAULT_LOG: faults, RONDO_FAULT_HOLD: `restore ${edge} 1500` })
    await waitForText(trial, 'the fault log', () => (existsSync(faults) ? readFileSync(faults, 'utf8') : restoring.output), / held\n/)
    await trial.kill(restoring)
    await trial.start('processor', 2)
  },
}

const pausedBesideAnother: Fault = {
  name: 'a processor is paused for longer than its session while another takes over, then resumes',
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.pause(trial.random.pick(trial.of('processor')), trial.random.between(SESSION_MS + 800, SESSION_MS + 3500))
    await trial.wait(1500)
  },
}

const pausedAlone: Fault = {
  name: 'the only processor is paused for longer than its transaction, then resumes',
  counts: { processor: 1 },
  async run(trial) {
    await trial.wait(0, 1000)
    await trial.pause(trial.random.pick(trial.of('processor')), trial.random.between(TRANSACTION_MS + 1500, TRANSACTION_MS + 3500))
    await trial.wait(1500)
  },
}

const scaled: Fault = {
  name: 'processors are scaled from 1 to 3 to 2 to 1',
  counts: { processor: 1 },
  async run(trial) {
    await trial.start('processor', 2)
    await trial.wait(300, 1200)
    await trial.retire(trial.random.pick(trial.of('processor')))
    await trial.wait(300, 1200)
    await trial.retire(trial.random.pick(trial.of('processor')))
    await trial.wait(500)
  },
}

const storm: Fault = {
  name: 'processors are started, ended and killed in quick succession',
  async run(trial) {
    for (let round = 0; round < 7; round++) {
      const running = trial.of('processor')
      const chance = trial.random.share()
      if (running.length < 2 || chance < 0.5) trial.launch('processor')
      else if (chance < 0.8) await trial.retire(trial.random.pick(running))
      else await trial.kill(trial.random.pick(running))
      await trial.wait(200, 1200)
    }
    await Promise.all(trial.of('processor').map((process) => process.ready(60_000)))
  },
}

const backlog: Fault = {
  name: 'all processors are down for longer than the absence, and continue with a backlog',
  async run(trial) {
    const ending = trial.random.pick(['kill', 'retire'] as const)
    await Promise.all(trial.of('processor').map((process) => trial[ending](process)))
    await trial.wait(ABSENCE_MS + 1000, ABSENCE_MS + 3000)
    await trial.start('processor', 2)
  },
}

const intruder: Fault = {
  name: 'a processor of another group folds the same topics',
  async run(trial) {
    const group = randomId()
    await trial.prepare({ group })
    const other = trial.launch('processor', { RONDO_GROUP: group })
    trial.mayEnd(other)
    await waitForText(trial, 'the processor of the other group', () => other.output, /has no committed position/)
    await trial.wait(500, 1500)
    await other.kill()
  },
}

/** Faults of processors. */
export const processorFaults: readonly Fault[] = [killed, killedInRestore, pausedBesideAnother, pausedAlone, scaled, storm, backlog, intruder]
