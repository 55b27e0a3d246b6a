import type { AppProcess } from '../../scripts/local/app-process.ts'
import type { Fault } from './fault.ts'
import { waitForReason } from './operator-faults.ts'
import { waitForText } from './processor-faults.ts'
import type { Trial } from './trial.ts'

const STALL = { RONDO_STALL: '20s' }

async function checkMeasured(trial: Trial, process: AppProcess, reason: string): Promise<void> {
  const metrics = await process.metrics()
  if (!new RegExp(`^rondo_stalled_seconds\\{cycle="\\w+",partition="\\d",reason="${reason}"\\} [\\d.]+$`, 'm').test(metrics)) {
    trial.defects.push(`${process.app} does not measure the stall as ${reason}: ${metrics.match(/^rondo_stalled.*$/gm)}`)
  }
}

const withoutIngest: Fault = {
  name: 'the only ingest process is killed, and log time does not move until another process closes its writer',
  counts: { processor: 0, serving: 0 },
  async run(trial) {
    const [[processor], [serving]] = (await Promise.all([trial.start('processor', 1, STALL), trial.start('serving', 1, STALL)])) as [[AppProcess], [AppProcess]]
    await trial.wait(1500)
    const [ingest] = trial.of('ingest') as [AppProcess]
    await trial.kill(ingest)
    await waitForReason(trial, [processor], /Log time of partition \d has not moved since .*held by .*silent since/)
    await waitForReason(trial, [serving], /Log time of partition \d has not moved since .*nothing comes in/)
    await checkMeasured(trial, processor, 'writer-silent')
    await checkMeasured(trial, serving, 'no-tick')
    await waitForText(trial, 'the processor', () => processor.output, /"level":"warn".*"reason":"writer-silent","stalledSeconds":2\d/)
    await trial.start('ingest')
    await waitForReason(trial, [processor, serving], /^$/)
    await waitForText(trial, 'the processor', () => processor.output, /moves again, after/)
  },
}

const withoutProcessors: Fault = {
  name: 'all processors are killed, and serving reports that the fold is behind',
  counts: { serving: 0 },
  async run(trial) {
    const [serving] = (await trial.start('serving', 1, STALL)) as [AppProcess]
    await trial.wait(1500)
    await Promise.all(trial.of('processor').map((process) => trial.kill(process)))
    await waitForReason(trial, [serving], /has not moved since .*the processors have folded offset \d+ of \d+/)
    await checkMeasured(trial, serving, 'behind')
    const [processor] = (await trial.start('processor', 1)) as [AppProcess]
    for (const message of [/assigns these partitions to this process: 0, 1, 2/, /Partition \d is taken over/, /Partition \d is restored, with \d+ actors/]) {
      await waitForText(trial, 'the processor', () => processor.output, message)
    }
    await waitForReason(trial, [serving], /^$/)
  },
}

/** Faults after which log time stands still. */
export const stallFaults: readonly Fault[] = [withoutIngest, withoutProcessors]
