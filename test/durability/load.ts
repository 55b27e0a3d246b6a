import { setTimeout as sleep } from 'node:timers/promises'
import { post } from '../fixtures/processes/running-app.ts'

const ACTORS = 1500
const CLIENTS = 3
/** The pause between two batches, which limits the size of the log. Each start folds the log again, and the time of the oracle grows with its square. */
const PAUSE_MS = 20
const BATCH_MAX = 120
/** After this number of events since the start, a client sends single events with longer pauses. */
const FULL_EVENTS_MAX = 1500
/** The longer pause, with which a process that runs for long on a busy machine still gets events. */
const LONG_PAUSE_MS = 200
const GRACE_MS = 2 * 3_600_000

const pick = (limit: number): number => Math.floor(Math.random() * limit)

/** The number of times that an event was sent, by its id, and the answers. */
export interface Sent {
  sent: number
  answered: number
  refused: number
}

/** What an event is about, without who sends it and when. */
export interface Action {
  readonly event: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** Visits and orders, for the cycle `pulse`. */
export const visitOrOrder = (): Action => ({ event: pick(4) === 0 ? 'Order' : 'Visit', properties: { n: pick(50) } })

/** Clients that send batches until they are stopped or the server does not listen. They repeat only requests without an answer. */
export class Load {
  readonly events = new Map<string, Sent>()
  #number = 0
  #startedAt = 0
  #isStopped = true
  #clients: Promise<void>[] = []
  readonly #action: () => Action

  constructor(action: () => Action) {
    this.#action = action
  }

  start(url: string): void {
    this.#isStopped = false
    this.#startedAt = this.#number
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client(url))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#clients)
  }

  async #client(url: string): Promise<void> {
    while (!this.#isStopped) {
      const isFullLoad = this.#number - this.#startedAt < FULL_EVENTS_MAX
      const batch = Array.from({ length: isFullLoad ? 1 + pick(BATCH_MAX) : 1 }, () => this.#call())
      if (!(await this.#send(url, batch))) return
      await sleep(isFullLoad ? PAUSE_MS : LONG_PAUSE_MS)
      // One batch in twenty is sent again, as by a client that got no answer.
      if (pick(20) === 0 && !(await this.#send(url, batch))) return
    }
  }

  async #send(url: string, batch: readonly { messageId: string }[]): Promise<boolean> {
    const all = batch.map(({ messageId }) => this.events.get(messageId) as Sent)
    for (const event of all) event.sent += 1
    try {
      const { status } = await post(`${url}/v1/batch`, { batch })
      for (const event of all) event[status === 200 ? 'answered' : 'refused'] += 1
      return true
    } catch {
      return false
    }
  }

  #call() {
    this.#number += 1
    const messageId = `m${this.#number}`
    this.events.set(messageId, { sent: 0, answered: 0, refused: 0 })
    const call = { type: 'track', messageId, userId: `u${pick(ACTORS)}`, ...this.#action() }
    if (pick(10) > 0) return call
    // Some events are out of order, and some of those are late.
    const agoMs = pick(8) === 0 ? GRACE_MS + 60_000 : pick(4000)
    return { ...call, timestamp: new Date(Date.now() - agoMs).toISOString() }
  }
}
