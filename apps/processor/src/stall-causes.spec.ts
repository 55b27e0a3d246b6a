import { describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import type { LiveWriter, LogDefect } from '#event-log'
import { SimulatedClock } from '#runtime'
import type { Folds } from './folds.ts'
import { StallCauses } from './stall-causes.ts'

const NOW = Date.UTC(2026, 0, 1)
/** The status of a partition's fold. */
type FoldStatus = ReturnType<Folds['status']>
/** What holds log time back: the writer, and its last tick. */
const held = (writer: string, { isBackfill = false } = {}) => ({ writer, tick: NOW - 90_000, isBackfill })

async function causeOf(parts: Partial<FoldStatus>, { end = 11, defect, live = [] }: { end?: number; defect?: LogDefect; live?: LiveWriter[] } = {}) {
  const poller = new StallCauses({
    folds: { status: () => ({ offset: 10, heldBy: undefined, failure: undefined, ...parts }) },
    poller: { defectOf: () => defect, activityEnd: () => end },
    registry: { read: async () => ({ live, withdrawn: new Set<string>(), newestAt: undefined }) },
    clock: new SimulatedClock(NOW),
  })
  await poller.poll()
  const { reason, text } = poller.causeOf(0)
  return [reason, text]
}
const writerOf = (writer: string, seenAt: number): LiveWriter => ({ writer, name: `process ${writer}`, time: NOW, timeoutMs: 15_000, seenAt })

describe('the reason why log time does not move', () => {
  it('is a defect of a topic, before all other reasons', async () => {
    const defect: LogDefect = { reason: 'topic-missing', topic: 'transitions', text: 'The topic transitions is missing.' }
    expect(await causeOf({ heldBy: held('w') }, { defect })).toEqual(['topic-missing', 'of this: The topic transitions is missing'])
  })

  it('is that nothing can be published', async () => {
    const failure = new RondoError('RONDO_LOG_UNAVAILABLE', 'It cannot be published.', { retriable: true })
    expect(await causeOf({ failure }, { end: 20 })).toEqual(['log-unavailable', expect.stringContaining('It cannot be published (RONDO_LOG_UNAVAILABLE)')])
  })

  it('is that the fold is behind', async () => {
    expect(await causeOf({ heldBy: held('w') }, { end: 20 })).toEqual(['behind', 'the fold is behind: offset 10 of 19'])
  })

  it('is that there is no writer, or an import', async () => {
    expect(await causeOf({})).toEqual(['no-writer', expect.stringContaining('start an ingest process')])
    expect(await causeOf({ heldBy: held('w', { isBackfill: true }) })).toEqual(['import', 'a history is being imported'])
  })

  it('is a writer, with its name: a silent one, one that runs and holds its tick, or one that is not in the registry', async () => {
    const [silent, alive] = [writerOf('s', NOW - 20_000), writerOf('a', NOW - 3000)]
    const live = [silent, alive]
    expect(await causeOf({ heldBy: held('s') }, { live })).toEqual([
      'writer-silent',
      'it is held by process s, whose last tick is 2025-12-31T23:58:30.000Z, and which has been silent since 2025-12-31T23:59:40.000Z; a running ingest process closes it after 15 s of silence',
    ])
    expect(await causeOf({ heldBy: held('a') }, { live })).toEqual(['writer-holds', expect.stringContaining('it is held by process a')])
    expect(await causeOf({ heldBy: { ...held('x'), tick: Number.NEGATIVE_INFINITY } }, { live })).toEqual([
      'writer-silent',
      expect.stringMatching(/the writer x, whose last tick is none yet, and which is not in the registry/),
    ])
  })
})
