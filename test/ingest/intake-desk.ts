import { jest } from '@jest/globals'
import { type ActivityEvent, type ControlRecord, formatInstant } from '#contracts'
import { ActivityLog, Backfill, type DataFolder, openDataFolder } from '#event-log'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { Intake, type IntakeOptions } from '../../apps/ingest/src/intake.ts'
import { ownedBy } from '../../libs/event-log/src/conformance/fixture.ts'

export const START = Date.parse('2026-03-01T00:00:00.000Z')

export function eventAt(id: string, arrival: number, type = 'user'): ActivityEvent {
  const time = formatInstant(arrival)
  return { id, type: 'track', event: 'Visit', actor: { type, id: 'u1' }, time, receivedAt: time }
}

export const brief = (record: ActivityEvent | ControlRecord): string => ('record' in record ? record.record : record.id)

/** A data folder, a clock, and intakes one after the other. Needs Jest's fake timers. */
export class IntakeDesk {
  readonly failures: unknown[] = []
  clock = new SimulatedClock(START)
  home: TemporaryFolder = temporaryFolder()
  folder!: DataFolder
  log!: ActivityLog

  constructor() {
    this.open()
  }

  open(): void {
    this.folder = openDataFolder({ path: this.home.path, partitions: 1, identity: {} })
    this.log = new ActivityLog(this.folder.writer)
  }

  /** As after a crash: what the one before has in memory is gone. */
  async reopen(): Promise<void> {
    await this.folder.close()
    this.open()
  }

  async dispose(): Promise<void> {
    await this.folder.close()
    this.home[Symbol.dispose]()
  }

  intake(options: Partial<IntakeOptions> = {}): Intake {
    return new Intake({ log: this.log, clock: this.clock, catchUpMs: 0, onFailure: (failure) => this.failures.push(failure), ...options })
  }

  backfill(graceMs = 3_600_000): Backfill {
    return new Backfill({ log: this.log, clock: this.clock, graceMs })
  }

  accept(intake: Intake, id: string) {
    return intake.accept((arrival) => ({ events: [eventAt(id, arrival)], quarantine: [] }))
  }

  /** Lets what is under way be written. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  async pass(ms: number): Promise<void> {
    this.clock.advanceBy(ms)
    jest.advanceTimersByTime(ms)
    await this.settle()
  }

  async frames(): Promise<string[]> {
    const reader = this.folder.reader()
    const owned = await ownedBy(reader)
    const frames = (await owned.read(0, { bytesMax: 1e9, waitMs: 0 })).map(({ frame }) => frame)
    await reader.close()
    return frames
  }

  async records(): Promise<(ActivityEvent | ControlRecord)[]> {
    return (await this.frames()).flatMap((frame) => frame.split('\n').map((line) => JSON.parse(line)))
  }

  async inLog(): Promise<string[]> {
    return (await this.records()).map(brief)
  }
}

/** The timers that an {@link IntakeDesk} passes time with. */
export function fakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'Date', 'performance'] })
}
