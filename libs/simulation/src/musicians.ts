import type { Instant } from '#contracts'
import type { Call } from './call.ts'
import { Draws } from './draws.ts'
import { dayBegins, type EcosystemSettings, GROWTH_DAYS, HOUR_MS, musicianId } from './ecosystem.ts'

const PART_MUSICIANS = 4
/** Most musicians are there before the listeners: without works nobody comes. */
const SHARE_FROM_BEGINNING = 0.7
const FIRST_DAYS = 3
const PUBLISHES_A_DAY = 0.03
const ANSWERS_A_DAY = 0.05
const FEATURED_A_DAY = 0.002
const STOPS_A_DAY = 0.002
const PAYDAY = 1

/** What musicians do themselves, and what the service does for them. What listeners do for them comes with the visits of the listeners. */
export class Musicians {
  readonly #settings: EcosystemSettings
  readonly #draws: Draws
  readonly #joinDay: Int16Array
  readonly #hasStopped: Uint8Array

  constructor(settings: EcosystemSettings) {
    this.#settings = settings
    this.#draws = new Draws(settings.seed)
    this.#joinDay = new Int16Array(settings.musicians)
    this.#hasStopped = new Uint8Array(settings.musicians)
    for (let musician = 0; musician < settings.musicians; musician++) {
      const draws = this.#draws.restart(PART_MUSICIANS, musician, -1)
      this.#joinDay[musician] = draws.below(draws.isTrue(SHARE_FROM_BEGINNING) ? FIRST_DAYS : GROWTH_DAYS)
    }
  }

  /** Adds the calls of all musicians on a day, in no order. */
  add(calls: Call[], day: number): void {
    for (let musician = 0; musician < this.#settings.musicians; musician++) {
      const joins = this.#joinDay[musician] as number
      if (day < joins) continue
      const draws = this.#draws.restart(PART_MUSICIANS, musician, day)
      const at = dayBegins(this.#settings, day) + 8 * HOUR_MS + draws.below(10 * HOUR_MS)
      if (day === joins) this.#joins(calls, musician, at)
      else this.#lives(calls, musician, { at, draws })
    }
  }

  #joins(calls: Call[], musician: number, at: Instant): void {
    for (const [number, event] of ['Identity Verified', 'Musician Page Opened', 'Work Published'].entries()) {
      calls.push(callOf(musician, at + number * 60_000, event, event === 'Work Published' ? { original: true } : {}))
    }
  }

  #lives(calls: Call[], musician: number, { at, draws }: { at: Instant; draws: Draws }): void {
    if (new Date(at).getUTCDate() === PAYDAY) calls.push(callOf(musician, at, 'Share Paid', { amount: Math.round(1000 / (musician + 1)) / 10 }))
    if (draws.isTrue(FEATURED_A_DAY)) {
      calls.push(callOf(musician, at + 1, 'Musician Featured', {}))
      this.#hasStopped[musician] = 0
    }
    if (draws.isTrue(STOPS_A_DAY)) this.#hasStopped[musician] = 1
    if (this.#hasStopped[musician] === 1) return
    if (draws.isTrue(PUBLISHES_A_DAY)) calls.push(callOf(musician, at + 2, 'Work Published', { original: true }))
    if (draws.isTrue(ANSWERS_A_DAY)) calls.push(callOf(musician, at + 3, 'Fan Answered', {}))
  }
}

function callOf(musician: number, at: Instant, event: string, properties: NonNullable<Call['properties']>): Call {
  const artistId = musicianId(musician)
  return { at, userId: `account-of-${artistId}`, event, properties: { artistId, ...properties } }
}
