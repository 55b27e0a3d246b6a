import { jest } from '@jest/globals'
import { Registry } from 'prom-client'
import { type ActivityEvent, type ControlRecord, formatInstant } from '#contracts'
import { ActivityLog, Backfill, type DataFolder, openDataFolder } from '#event-log'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import type { Admission, AdmissionOptions } from '../../apps/ingest/src/admission.ts'
import { embeddedAdmission } from '../../apps/ingest/src/embedded-admission.ts'
import type { EmbeddedIngestLogOptions } from '../../apps/ingest/src/embedded-ingest-log.ts'
import { IngestCounts } from '../../apps/ingest/src/ingest-counts.ts'
import { ownedBy } from '../../libs/event-log/src/conformance/fixture.ts'

export const START = Date.parse('2026-03-01T00:00:00.000Z')

export function eventAt(id: string, arrival: number, type = 'user'): ActivityEvent {
  const time = formatInstant(arrival)
  return { id, type: 'track', event: 'Visit', actor: { type, id: 'u1' }, time, receivedAt: time }
}

export const brief = (record: ActivityEvent | ControlRecord): string => ('record' in record ? record.record : record.id)

type Options = Partial<Pick<EmbeddedIngestLogOptions, 'heldBytesMax'> & AdmissionOptions>

/** A data folder, a clock, and processes that write it one after the other. Needs Jest's fake timers. */
export class EmbeddedDesk {
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

  admission({ heldBytesMax, onAlarm = () => {}, ...options }: Options = {}): Admission {
    const onFailure = (failure: unknown): void => void this.failures.push(failure)
    const folder = { log: this.log, clock: this.clock, onAlarm, onFailure, ...(heldBytesMax === undefined ? {} : { heldBytesMax }) }
    return embeddedAdmission(folder, { catchUpMs: 0, counts: new IngestCounts(new Registry()), onAlarm, ...options })
  }

  backfill(graceMs = 3_600_000): Backfill {
    return new Backfill({ log: this.log, clock: this.clock, graceMs })
  }

  accept(admission: Admission, id: string) {
    return admission.accept((arrival) => ({ events: [eventAt(id, arrival)], quarantine: [] }))
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

/** The timers that an {@link EmbeddedDesk} passes time with. */
export function fakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'Date', 'performance'] })
}
