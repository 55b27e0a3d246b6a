import type { Clock } from '#runtime'
import type { Logger } from '../messages/logger.ts'

/** The unready reason of an app; undefined if it is ready. */
export type Readiness = () => string | undefined

/** How late a change of readiness is logged at most. */
const POLL_MS = 1_000

/**
 * Logs when and why an app is no longer ready, and when it is ready again: an orchestrator does not keep the reasons of a probe. A reason that
 * differs only in its numbers is not logged again.
 */
export class ReadinessLog {
  readonly #readiness: Readiness
  readonly #logger: Pick<Logger, 'info' | 'warn'>
  readonly #clock: Clock
  #reported: string | undefined
  #since: number | undefined
  #wasReady = false
  #timer: NodeJS.Timeout | undefined

  constructor(readiness: Readiness, logger: Pick<Logger, 'info' | 'warn'>, clock: Clock) {
    this.#readiness = readiness
    this.#logger = logger
    this.#clock = clock
  }

  /** @param onPoll called with each poll */
  start(onPoll: () => void = () => {}): void {
    this.#timer = setInterval(() => {
      this.poll()
      onPoll()
    }, POLL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  poll(): void {
    const reason = this.#readiness()
    const kind = reason?.replaceAll(/\d[\d.:TZ-]*/g, '#')
    if (kind === this.#reported) return
    this.#reported = kind
    if (reason !== undefined) {
      this.#since ??= this.#clock.now()
      // At a start, an app that is not ready yet is no alarm.
      this.#logger[this.#wasReady ? 'warn' : 'info'](`Not ready: ${reason}`)
      return
    }
    const seconds = this.#since === undefined ? 0 : Math.round((this.#clock.now() - this.#since) / 1000)
    this.#logger.info(this.#wasReady ? `Ready again, after ${seconds} s.` : `Ready, after ${seconds} s.`)
    this.#wasReady = true
    this.#since = undefined
  }
}
