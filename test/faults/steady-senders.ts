import { setTimeout as sleep } from 'node:timers/promises'
import type { Output } from '#contracts'
import { type Clock, systemClock } from '#runtime'

const BEAT_MS = 300
const RETRY_MS = 100
const ANSWER_MS_MAX = 1500
const BATCH_MAX = 200
const ACTORS = 9
const ABSENCE_MS = 4000

/** A call of a sender. */
interface Beat {
  readonly type: 'track'
  readonly messageId: string
  readonly userId: string
  readonly event: 'Beat'
  readonly timestamp: string
}

/**
 * Actors that are never silent: each sends an event, a beat, several times a second. While no ingest process accepts beats, the senders keep
 * them as an SDK does, and send them later with their original times. So none of these actors may be published as absent, also while
 * processes are down.
 */
export class SteadySenders {
  /** Ids of the events that were answered. */
  readonly answered: string[] = []
  readonly #urls: () => readonly string[]
  readonly #clock: Clock
  readonly #times = new Map<string, number[]>()
  readonly #waiting: Beat[] = []
  #hasEnded = false
  #work: Promise<unknown> = Promise.resolve()

  constructor(urls: () => readonly string[], clock: Clock = systemClock) {
    this.#urls = urls
    this.#clock = clock
  }

  start(): void {
    this.#work = Promise.all([this.#beat(), this.#send()])
  }

  /** Resolves when all events were answered. */
  async stop(): Promise<void> {
    this.#hasEnded = true
    await this.#work
  }

  /** Ends without waiting for the answers to the remaining events. */
  abandon(): void {
    this.#hasEnded = true
    this.#waiting.length = 0
  }

  /** Absences that were published of these actors although they had sent events. An absence that was retracted later counts too. */
  falseAbsences(feed: readonly Output[]): string[] {
    return feed
      .filter(({ kind, actor, at }) => kind === 'disengage' && this.#hadSent(actor.id, Date.parse(at)))
      .map(({ actor, at, noticedAt }) => `${actor.id} was published as absent at ${at} (noticed at ${noticedAt})`)
  }

  #hadSent(actor: string, at: number): boolean {
    return (this.#times.get(actor) ?? []).some((time) => time > at - ABSENCE_MS && time <= at)
  }

  async #beat(): Promise<void> {
    for (let number = 0; !this.#hasEnded; number++) {
      const now = this.#clock.now()
      for (let i = 0; i < ACTORS; i++) {
        const userId = `steady-${i}`
        this.#waiting.push({ type: 'track', messageId: `${userId}-${number}`, userId, event: 'Beat', timestamp: new Date(now).toISOString() })
        this.#times.set(userId, [...(this.#times.get(userId) ?? []), now])
      }
      await sleep(BEAT_MS)
    }
  }

  async #send(): Promise<void> {
    for (let attempt = 0; !this.#hasEnded || this.#waiting.length > 0; attempt++) {
      const batch = this.#waiting.slice(0, BATCH_MAX)
      const isAccepted = batch.length > 0 && (await this.#isAccepted(batch, attempt))
      if (isAccepted) this.answered.push(...this.#waiting.splice(0, batch.length).map(({ messageId }) => messageId))
      else await sleep(RETRY_MS)
    }
  }

  async #isAccepted(batch: readonly Beat[], attempt: number): Promise<boolean> {
    const urls = this.#urls()
    try {
      const response = await fetch(`${urls[attempt % urls.length]}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ batch }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      })
      await response.arrayBuffer()
      return response.status === 200
    } catch {
      return false
    }
  }
}
