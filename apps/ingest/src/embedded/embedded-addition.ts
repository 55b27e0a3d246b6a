import type { ControlRecord, Instant, QuarantineRecord } from '#contracts'
import type { ActivityState, Addition, TracedLines } from '#event-log'
import type { Admitted } from '../admission/ingest-log.ts'

/** Admitted events. */
type Events = { readonly kind: 'events'; readonly admitted: Admitted }
/** Records that open or close writers. */
type Writers = { readonly kind: 'writers'; readonly records: readonly ControlRecord[] }
/** Ticks that one beat writes together. */
type Ticks = { readonly kind: 'tick'; readonly time: Instant; readonly lines: readonly string[] }

/** Items that wait to be written to a data folder. */
export type EmbeddedItem = Events | Writers | Ticks

/** One write to a data folder, made of the waiting items, in their order. */
export class EmbeddedAddition {
  readonly #state: ActivityState
  /** Undefined if events go into the log and are not held. */
  readonly #heldBytesMax: number | undefined
  readonly #lines: string[] = []
  readonly #heldLines: string[] = []
  readonly #traced: TracedLines[] = []
  readonly #quarantine: QuarantineRecord[] = []
  #heldBytes: number
  #newest: Instant | undefined
  #change: { -readonly [Name in keyof Addition['change']]: Addition['change'][Name] } = {}

  constructor(state: ActivityState, heldBytesMax?: number) {
    this.#state = state
    this.#heldBytesMax = heldBytesMax
    this.#heldBytes = state.held?.bytes ?? 0
  }

  /** Undefined if there is nothing to write. */
  get result(): Addition | undefined {
    const [lines, quarantine, change, traced] = [this.#lines, this.#quarantine, this.#change, this.#traced]
    if (this.#heldLines.length > 0) return { lines, quarantine, change, traced, held: { lines: this.#heldLines, arrival: this.#newest ?? 0 } }
    return lines.length + quarantine.length === 0 ? undefined : { lines, quarantine, change, traced }
  }

  /** @returns false if there is no room to hold it */
  add(item: Events | Writers): boolean {
    if (item.kind === 'events') return this.#addEvents(item)
    for (const record of item.records) this.#addWriter(record)
    return true
  }

  /** @returns false if no tick is needed yet */
  tick({ time, lines }: Ticks): boolean {
    const { arrival, logTime } = { ...this.#state, ...this.#change }
    if (arrival === null && logTime === null) return false
    this.#lines.push(...lines)
    Object.assign(this.#change, { tick: time, logTime: Math.max(logTime ?? time, time) })
    return true
  }

  #addEvents({ admitted: { lines, quarantine, arrival, trace } }: Events): boolean {
    if (this.#heldBytesMax !== undefined && !this.#hold(lines, this.#heldBytesMax)) return false
    this.#quarantine.push(...quarantine)
    if (lines.length === 0) return true
    this.#newest = arrival
    if (this.#heldBytesMax !== undefined) return true
    if (trace !== undefined) this.#traced.push({ from: this.#lines.length, count: lines.length, trace })
    this.#lines.push(...lines)
    this.#change.arrival = arrival
    return true
  }

  #hold(lines: readonly string[], bytesMax: number): boolean {
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
    if (bytes > 0 && this.#heldBytes + bytes > bytesMax) return false
    this.#heldBytes += bytes
    this.#heldLines.push(...lines)
    return true
  }

  /** Only one process at a time writes to a folder: if a writer is open when another opens, a crash has left it open. */
  #addWriter(record: ControlRecord): void {
    const { writer: left } = { ...this.#state, ...this.#change }
    this.#lines.push(JSON.stringify(record))
    const isOpened = record.record === 'writer.open'
    this.#change.writer = isOpened ? record.writer : null
    if (!isOpened || left === null || left === record.writer) return
    this.#lines.push(JSON.stringify({ record: 'writer.close', writer: left, time: record.time, by: record.writer } satisfies ControlRecord))
  }
}
