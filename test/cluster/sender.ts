import { setTimeout as sleep } from 'node:timers/promises'

const BATCH = 8
const PAUSE_MS = 40

/**
 * A client as SDKs are: it sends batches on and on, and one that gets no 200 again, under the same ids, to the next address. Half of its
 * events happened some seconds before they are sent, so that they arrive out of order.
 */
export class Sender {
  /** Ids of the events that were answered. */
  readonly answered: string[] = []
  readonly #name: string
  readonly #addresses: () => string[]
  readonly #actors: number
  #number = 0
  #isOver = false
  #isAbandoned = false
  #running: Promise<void> | undefined

  /** @param addresses of the doors, asked at each attempt */
  constructor(name: string, addresses: () => string[], actors: number) {
    this.#name = name
    this.#addresses = addresses
    this.#actors = actors
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Resolves when the last batch was answered. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** Ends it though its last batch has no answer. */
  abandon(): void {
    this.#isOver = true
    this.#isAbandoned = true
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const batch = Array.from({ length: BATCH }, () => this.#event())
      for (let attempt = 0; !(this.#isAbandoned || (await this.#post(batch, attempt))); attempt++) await sleep(100)
      if (this.#isAbandoned) return
      this.answered.push(...batch.map(({ messageId }) => messageId))
      await sleep(PAUSE_MS)
    }
  }

  #event() {
    const number = this.#number++
    const backMs = number % 2 === 0 ? 0 : (number * 37) % 4000
    // Half of the actors are heard of again and again, the others at the beginning and then now and then: so these fall silent and return.
    const isRare = number < this.#actors || number % 20 === 0
    const rare = number < this.#actors ? number : (number / 20) % this.#actors
    const actor = isRare ? rare : (number * number) % Math.ceil(this.#actors / 2)
    const timestamp = new Date(Date.now() - backMs).toISOString()
    return { type: 'track', messageId: `${this.#name}-${number}`, userId: `user-${actor}`, event: 'Beat', timestamp }
  }

  async #post(batch: readonly object[], attempt: number): Promise<boolean> {
    const addresses = this.#addresses()
    const address = addresses[attempt % addresses.length]
    try {
      const body = JSON.stringify({ batch })
      const response = await fetch(`${address}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(12_000),
      })
      await response.arrayBuffer()
      return response.status === 200
    } catch {
      return false
    }
  }
}
