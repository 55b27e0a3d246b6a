import { beforeEach, describe, expect, it } from '@jest/globals'
import type { ActivityState, FoldTimes } from '#event-log'
import { SimulatedClock } from '#runtime'
import { FolderProbes } from './folder-probes.ts'

const start = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const timesAt = (logTime: number) => ({ logTime }) as FoldTimes

describe('the probes of one process', () => {
  let clock: SimulatedClock
  let state: ActivityState
  let probes: FolderProbes
  let messages: string[]
  let isCatchingUp: boolean

  beforeEach(() => {
    clock = new SimulatedClock(start)
    state = { writer: null, tick: null, arrival: null, logTime: start, backfill: null, held: null, ended: null }
    messages = []
    isCatchingUp = false
    const log = {
      failure: undefined,
      get state() {
        return state
      },
    }
    const logger = { info: (text: string) => messages.push(text), warn: (text: string) => messages.push(text) }
    probes = new FolderProbes({ cycles: ['shopper'], log, isCatchingUp: () => isCatchingUp, clock, stallMs: MINUTE, logger })
  })

  it.each([
    [undefined, null],
    [Number.NEGATIVE_INFINITY, null],
    [Date.UTC(2016, 2, 2), '2016-03-02T00:00:00.000Z'],
  ])('report the log time of the fold (%p) and at the end of the log', (logTime, shown) => {
    state = { ...state, held: { bytes: 7, since: start, until: start } }
    if (logTime !== undefined) probes.committed('shopper', timesAt(logTime))
    expect(probes.details()).toEqual({ logTime: shown, logEndTime: '2026-01-01T00:00:00.000Z', importing: false, catchingUp: false, heldBytes: 7 })
  })

  it('are ready after the state is restored, while log time moves', () => {
    expect(probes.readiness()).toBe('The state of the data folder is being restored.')
    for (let minute = 0; minute < 5; minute++) {
      probes.committed('shopper', timesAt(clock.now()))
      probes.poll()
      clock.advanceBy(MINUTE)
      expect(probes.readiness()).toBe(undefined)
    }
    expect(messages).toEqual([])
  })

  it.each([
    ['the fold is behind', () => timesAt(start - 1), undefined, 'the fold is behind: the log goes on to 2026-01-01T00:00:00.000Z'],
    ['there are no ticks', () => timesAt(start), undefined, 'ingest writes no ticks; see its alarms'],
    [
      'the disk is full',
      () => timesAt(start),
      { code: 'RONDO_DATA_FULL' as const, message: 'The disk is full.' },
      'nothing can be committed: The disk is full (RONDO_DATA_FULL)',
    ],
  ])('report why log time does not move if %s, and that it moves again', (_, times, failure, text) => {
    probes.committed('shopper', times())
    if (failure !== undefined) probes.commitFailed('shopper', failure)
    probes.poll()
    clock.advanceBy(MINUTE + 1)
    probes.poll()
    expect(probes.readiness()).toBe(`Log time of partition 0 has not moved since 2026-01-01T00:00:00.000Z (for 60 s), because ${text}.`)
    probes.committed('shopper', timesAt(clock.now()))
    probes.poll()
    expect(probes.readiness()).toBe(undefined)
    expect(messages).toEqual([expect.stringContaining(`because ${text}.`), 'Log time of partition 0 moves again, after 60 s.'])
  })

  it('stay ready during an import of any length, although log time does not move', () => {
    probes.committed('shopper', timesAt(start))
    probes.poll()
    state = { ...state, backfill: { id: 'x', source: 's', rows: 1, shiftMs: 0 } }
    for (let minute = 0; minute < 60; minute++) {
      clock.advanceBy(MINUTE)
      probes.poll()
      expect(probes.readiness()).toBe(undefined)
    }
    state = { ...state, backfill: null }
    probes.poll()
    expect([probes.readiness(), messages]).toEqual([undefined, []])
  })

  it('stay ready while time waits for clients that were away during an outage', () => {
    isCatchingUp = true
    probes.committed('shopper', timesAt(start))
    for (let half = 0; half < 4; half++) {
      probes.poll()
      clock.advanceBy(MINUTE / 2 + 1)
      expect(probes.readiness()).toBe(undefined)
    }
    isCatchingUp = false
    probes.poll()
    clock.advanceBy(MINUTE + 1)
    expect(probes.readiness()).toContain('ingest writes no ticks')
  })

  it('name the cycle if there are several', () => {
    const log = { state, failure: undefined }
    const several = new FolderProbes({
      cycles: ['shopper', 'presence'],
      log,
      isCatchingUp: () => false,
      clock,
      stallMs: MINUTE,
      logger: { info() {}, warn() {} },
    })
    several.committed('shopper', timesAt(start))
    expect(several.readiness()).toBe('The state of the cycle presence is being restored.')
    several.committed('presence', timesAt(start))
    several.poll()
    clock.advanceBy(MINUTE + 1)
    several.committed('shopper', timesAt(clock.now()))
    several.poll()
    expect(several.readiness()).toMatch(/^Log time of partition 0 of the cycle presence has not moved/)
  })
})
