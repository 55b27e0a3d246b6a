import { type Instant, RondoError } from '#contracts'
import { type FrameTraces, packFrames } from '#event-log'
import { anyFailure, retry } from '#runtime'
import type { PartitionBuffer } from './partition-buffer.ts'
import { bytesOf, framesOf, type Item, openItem, packItems, type SentFrame, tracesOf } from './sent-frames.ts'

/** The first pause after a failed write, and the longest: each is twice as long as the one before. */
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 1_000
/** How long an append may take before what waits goes into the buffer. */
const SLOW_MS = 1_000

/** Control records and ticks that are written behind a frame of the buffer. */
interface Placed {
  readonly items: readonly Item[]
  readonly behind: number
}

/** What is being written. */
interface Flight {
  readonly sent: readonly SentFrame[]
  /** Items that came from memory. */
  readonly items: readonly Item[]
  /** Whether its events are in the buffer. */
  isStored: boolean
}

/** How one partition is written. */
export interface PartitionQueueOptions {
  /** @returns the offset of the first frame */
  readonly append: (frames: readonly string[], options?: { readonly traces?: FrameTraces }) => Promise<number>
  /** Without it events wait in memory. */
  readonly buffer?: PartitionBuffer | undefined
  /** Whether lines share frames; otherwise each line is a record. */
  readonly isFramed: boolean
  readonly slowMs?: number | undefined
  /** Its reason is the failure after which nothing more is written. */
  readonly signal: AbortSignal
  /** Called when events are refused, because the buffer cannot take them. */
  readonly onFull: () => void
  readonly onAlarm: (text: string) => void
}

/**
 * What waits to be written to one partition, in its order, one write after the other. While the partition does not answer, its events go into the
 * buffer, where they are durable too. When it answers again, the buffer is written first.
 */
export class PartitionQueue {
  readonly #options: PartitionQueueOptions
  #waiting: Item[] = []
  #placed: Placed[] = []
  #flight: Flight | undefined
  /** The offset after the last frame that is known to be in the log. */
  #end: number | undefined
  #isSlow: boolean
  /** Frames of the buffer may be in the log. */
  #isInDoubt: boolean
  #running: Promise<void> | undefined
  #isStoring = false
  #hasNews = true
  #bytes = 0
  #slow = Promise.withResolvers<void>()

  constructor(options: PartitionQueueOptions) {
    this.#options = options
    this.#isInDoubt = options.buffer?.isEmpty === false
    this.#isSlow = this.#isInDoubt
    if (this.#isInDoubt) this.#start()
  }

  /** When the oldest event or control record that is not in the log began to wait. */
  get oldest(): Instant | undefined {
    const items = [...(this.#flight?.items ?? []), ...this.#placed.flatMap((placed) => placed.items), ...this.#waiting]
    const waits = items.find(({ since }) => since !== undefined)?.since
    return least(waits, this.#options.buffer?.oldestArrival)
  }

  /** The bytes of events in memory that are not durable yet. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether anything but ticks was added since the last tick. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  /** Whether the partition does not answer. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  /** Whether there is room for more events in the buffer, if they would come to it. */
  fits(bytes: number): boolean {
    return !this.#isBuffering || this.#options.buffer?.fits(this.#bytes + bytes) !== false
  }

  /** Whether events that come now go into the buffer. */
  get #isBuffering(): boolean {
    const { buffer } = this.#options
    if (buffer === undefined) return false
    return this.#isSlow || !(buffer.isEmpty || this.#flight?.sent.some(({ number }) => number === buffer.newest))
  }

  /** Resolves when the partition does not answer, or is known not to. */
  slow(): Promise<void> {
    return this.#isSlow ? Promise.resolve() : this.#slow.promise
  }

  /** Resolves when all that was added is in the log. */
  async idle(): Promise<void> {
    await this.#running
  }

  /** Resolves when the lines are durable. */
  put(kind: 'events' | 'control', lines: readonly string[], since: Instant, trace?: string): Promise<void> {
    if (this.#isStopped) return Promise.reject(this.#options.signal.reason)
    const bytes = kind === 'events' ? bytesOf(lines) : 0
    const { item, ended } = openItem(kind, lines, since, trace)
    this.#hasNews = true
    this.#bytes += bytes
    this.#waiting.push(item)
    this.#start()
    return ended.finally(() => {
      this.#bytes -= bytes
    })
  }

  /** Added after all that waits. A tick that waits at the end is out of date, and is replaced. */
  tick(lines: readonly string[]): void {
    if (this.#isStopped) return
    this.#hasNews = false
    if (this.#waiting.at(-1)?.kind === 'tick') this.#waiting.pop()
    this.#waiting.push({ kind: 'tick', lines, since: undefined, resolve() {}, reject() {} })
    this.#start()
  }

  /** To be called after the signal: rejects the items that wait. */
  stop(): void {
    const { reason } = this.#options.signal
    const items = [...this.#placed.splice(0).flatMap((placed) => placed.items), ...this.#waiting.splice(0)]
    for (const { reject } of items) reject(reason)
  }

  get #isStopped(): boolean {
    return this.#options.signal.aborted
  }

  get #hasWork(): boolean {
    return this.#waiting.length > 0 || this.#placed.length > 0 || this.#options.buffer?.isEmpty === false
  }

  #start(): void {
    if (this.#running === undefined) this.#running = this.#run()
    else if (this.#isBuffering && !this.#isStoring) {
      this.#isStoring = true
      setImmediate(() => {
        this.#isStoring = false
        this.#store()
      })
    }
  }

  async #run(): Promise<void> {
    // Requests that the event loop reads in the same round share a frame.
    await new Promise(setImmediate)
    const { signal, onAlarm } = this.#options
    const onFailure = ({ message }: Error): void => onAlarm(message)
    while (this.#hasWork && !this.#isStopped) {
      await retry(() => this.#step(), { pauseMs: RETRY_MS_MIN, pauseMsMax: RETRY_MS_MAX, signal, retryOn: anyFailure, onFailure })
    }
    // In the same turn as the check: what is added later starts it again.
    this.#running = undefined
  }

  /** Writes the next frames. */
  async #step(): Promise<void> {
    const { buffer, append, slowMs = SLOW_MS } = this.#options
    if (this.#isInDoubt) await buffer?.lookUp()
    this.#isInDoubt = false
    const flight = this.#next()
    if (flight.sent.length === 0) return
    this.#flight = flight
    const timer = setTimeout(() => this.#becomeSlow(), slowMs).unref()
    try {
      const first = await append(framesOf(flight.sent), tracesOf(flight.sent))
      this.#land(flight, first)
    } catch (failure) {
      this.#becomeSlow()
      this.#giveBack(flight, failure)
      throw failure
    } finally {
      clearTimeout(timer)
      this.#flight = undefined
    }
  }

  #next(): Flight {
    const { buffer } = this.#options
    if (buffer === undefined || buffer.isEmpty) {
      const items = [...this.#placed.splice(0).flatMap((placed) => placed.items), ...this.#waiting.splice(0)]
      return { sent: this.#pack(items), items, isStored: false }
    }
    const sent: SentFrame[] = []
    for (const frame of buffer.oldest()) {
      sent.push(...this.#placedBefore(frame.number), { ...frame, isKept: true, items: [] })
    }
    if (sent.at(-1)?.number === buffer.newest) sent.push(...this.#placedBefore(Number.POSITIVE_INFINITY))
    return { sent, items: sent.flatMap(({ items }) => items), isStored: true }
  }

  /** Takes what is placed before a frame of the buffer. */
  #placedBefore(number: number): SentFrame[] {
    const count = this.#placed.findIndex(({ behind }) => behind >= number)
    return this.#pack(this.#placed.splice(0, count === -1 ? this.#placed.length : count).flatMap(({ items }) => items))
  }

  #pack(items: readonly Item[]): SentFrame[] {
    return packItems(items, this.#options.isFramed ? packFrames : (lines) => [...lines])
  }

  /** All of it is in the log. */
  #land({ sent, items }: Flight, first: number): void {
    this.#end = first + sent.length
    const last = sent.findLast(({ number }) => number !== undefined)?.number
    if (last !== undefined) this.#options.buffer?.remove(last, this.#end)
    for (const { resolve } of items) resolve()
    if (this.#isSlow) this.#slow = Promise.withResolvers<void>()
    this.#options.buffer?.rest()
    this.#isSlow = false
  }

  /** It is not known what of it is in the log. */
  #giveBack({ sent, items, isStored }: Flight, failure: unknown): void {
    if (this.#isStopped) for (const { reject } of items) reject(this.#options.signal.reason)
    else if (isStored) {
      this.#isInDoubt = true
      this.#placed.unshift(...placedIn(sent))
    } else if (failure instanceof RondoError && !failure.retriable) for (const { reject } of items) reject(failure)
    else this.#waiting.unshift(...items)
  }

  #becomeSlow(): void {
    this.#isSlow = true
    this.#slow.resolve()
    this.#store()
  }

  /** Puts what is being written and what waits into the buffer. What was not sent yet and finds no room is refused. */
  #store(): void {
    if (this.#options.buffer === undefined || this.#isStopped) return
    try {
      if (this.#flight?.isStored === false) {
        this.#keep(this.#flight.sent, this.#flight.items)
        this.#flight.isStored = true
      }
      const [waiting, { newest }] = [this.#pack(this.#waiting), this.#options.buffer]
      this.#keep(waiting, this.#waiting)
      this.#place(placedIn(waiting, newest))
      this.#waiting = []
    } catch (failure) {
      this.#options.onAlarm((failure as Error).message)
      const refused = this.#waiting.filter(({ kind }) => kind === 'events')
      if (refused.length > 0) this.#options.onFull()
      this.#waiting = this.#waiting.filter(({ kind }) => kind !== 'events')
      for (const { reject } of refused) reject(failure)
    }
  }

  #keep(sent: readonly SentFrame[], items: readonly Item[]): void {
    const kept = sent.filter(({ isKept }) => isKept)
    if (kept.length === 0) return
    const frames = kept.map(({ frame, arrival }) => ({ frame, arrival, events: frame.split('\n').length }))
    const first = this.#options.buffer?.add(frames, this.#end) ?? 0
    for (const [at, frame] of kept.entries()) frame.number = first + at
    for (const { kind, resolve } of items) if (kind === 'events') resolve()
  }

  /** An older tick that waits is out of date. */
  #place(placed: readonly Placed[]): void {
    const isTick = ({ items }: Placed): boolean => items.every(({ kind }) => kind === 'tick')
    if (placed.some(isTick)) this.#placed = this.#placed.filter((earlier) => !isTick(earlier))
    this.#placed.push(...placed)
  }
}

/** The control records and ticks among frames, each with its place. */
function placedIn(sent: readonly SentFrame[], before = 0): Placed[] {
  let behind = before
  return sent.flatMap(({ number, items, isKept }) => {
    behind = number ?? behind
    return isKept ? [] : [{ items, behind }]
  })
}

function least(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
