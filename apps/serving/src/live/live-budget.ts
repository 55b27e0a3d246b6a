import { RondoError } from '#contracts'

/** How much the live streams of a process may take. */
export interface LiveLimits {
  readonly clientsMax: number
  /** What may wait for one client, in bytes. */
  readonly clientBytesMax: number
  /** What may wait for all clients. Clients that read at the same pace share it: it is counted for each of them. */
  readonly bytesMax: number
}

export const defaultLiveLimits: LiveLimits = { clientsMax: 1_000, clientBytesMax: 1 << 20, bytesMax: 64 << 20 }

/** Why a stream was ended: its client alone reads too slowly, or all clients together. */
export type SlowReason = 'client' | 'process'

/** A stream, as far as its memory is limited. */
export interface Buffering {
  readonly waitingBytes: number
  /** Removes everything that waits, and tells the client why. */
  drop(reason: SlowReason): void
}

/** When a client that finds no free stream should ask again. */
const RETRY_AFTER_MS = 10_000

/** The streams of a process: how many there are, and what waits for their clients. */
export class LiveBudget {
  readonly #streams = new Map<Buffering, string>()
  readonly #bytesMax: number
  readonly #clientBytesMax: number
  #clientsMax: number
  #waitingBytes = 0
  /** Called when a stream is dropped or refused, for metrics. */
  onDrop: (cycle: string, reason: SlowReason) => void = () => {}
  onRefusal: (cycle: string) => void = () => {}

  constructor({ clientsMax, clientBytesMax, bytesMax }: Partial<LiveLimits> = {}) {
    this.#clientsMax = clientsMax ?? defaultLiveLimits.clientsMax
    this.#clientBytesMax = clientBytesMax ?? defaultLiveLimits.clientBytesMax
    this.#bytesMax = bytesMax ?? defaultLiveLimits.bytesMax
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** The number of streams of a cycle. */
  streamsOf(cycle: string): number {
    return [...this.#streams.values()].filter((of) => of === cycle).length
  }

  /** Changes how many streams there may be. Those that are open stay. */
  limitClients(clients: number): void {
    this.#clientsMax = clients
  }

  /** @throws RondoError RONDO_OVERLOADED */
  admit(cycle: string): void {
    if (this.#streams.size < this.#clientsMax) return
    this.onRefusal(cycle)
    const message = `${this.#clientsMax} live streams are open, and no more may be. Ask again later, or another process (RONDO_LIVE_CLIENTS).`
    throw new RondoError('RONDO_OVERLOADED', message, { retriable: true, retryAfterMs: RETRY_AFTER_MS })
  }

  add(stream: Buffering, cycle: string): void {
    this.#streams.set(stream, cycle)
  }

  remove(stream: Buffering): void {
    this.#streams.delete(stream)
  }

  /** Counts what has begun to wait for a client, or waits no longer (negative), and drops who reads too slowly. */
  count(stream: Buffering, bytes: number): void {
    this.#waitingBytes += bytes
    if (bytes > 0 && stream.waitingBytes > this.#clientBytesMax) this.#drop(stream, 'client')
    for (let slowest = this.#slowest(); slowest !== undefined; slowest = this.#slowest()) this.#drop(slowest, 'process')
  }

  /** The stream for which most waits, while too much waits for all together. */
  #slowest(): Buffering | undefined {
    if (this.#waitingBytes <= this.#bytesMax) return undefined
    let found: Buffering | undefined
    for (const stream of this.#streams.keys()) if (stream.waitingBytes > (found?.waitingBytes ?? 0)) found = stream
    return found
  }

  #drop(stream: Buffering, reason: SlowReason): void {
    this.onDrop(this.#streams.get(stream) ?? '', reason)
    stream.drop(reason)
  }
}
