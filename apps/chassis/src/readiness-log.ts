import type { Clock } from '#runtime'
import type { Readiness } from './health.module.ts'
import type { Voice } from './voice.ts'

const LOOK_MS = 1_000

/**
 * Says when an app is no longer ready, why, and when it is again: a probe is asked by an orchestrator, which keeps no reasons. How the
 * numbers in a reason grow is no news.
 */
export class ReadinessLog {
  readonly #readiness: Readiness
  readonly #voice: Pick<Voice, 'say' | 'alarm'>
  readonly #clock: Clock
  #said: string | undefined
  #since: number | undefined
  #wasReady = false
  #timer: NodeJS.Timeout | undefined

  constructor(readiness: Readiness, voice: Pick<Voice, 'say' | 'alarm'>, clock: Clock) {
    this.#readiness = readiness
    this.#voice = voice
    this.#clock = clock
  }

  /** @param beside done with each look */
  start(beside: () => void = () => {}): void {
    this.#timer = setInterval(() => {
      this.look()
      beside()
    }, LOOK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  look(): void {
    const reason = this.#readiness()
    const kind = reason?.replaceAll(/\d[\d.:TZ-]*/g, '#')
    if (kind === this.#said) return
    this.#said = kind
    if (reason !== undefined) {
      this.#since ??= this.#clock.now()
      // What is not there yet at a start is no alarm.
      this.#voice[this.#wasReady ? 'alarm' : 'say'](`Not ready: ${reason}`)
      return
    }
    const seconds = this.#since === undefined ? 0 : Math.round((this.#clock.now() - this.#since) / 1000)
    this.#voice.say(this.#wasReady ? `Ready again, after ${seconds} s.` : `Ready, after ${seconds} s.`)
    this.#wasReady = true
    this.#since = undefined
  }
}
