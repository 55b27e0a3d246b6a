import type { Instant } from '#contracts'
import type { Call } from './call.ts'
import { Draws } from './draws.ts'
import { type EcosystemSettings, isMissing, listenerId, musicianId, type WantedSong } from './ecosystem.ts'
import type { ListenerState } from './listener-state.ts'
import { behaviours, type Visit } from './listeners.ts'

const PART_SESSION = 3
const MINUTE_MS = 60_000
const GAP_MINUTES_MAX = 5
const PLAYS_MAX = 5
/** Three needs that are not met within 7 days are a reason to leave, by the definition of the listener. */
const SEARCHES_BEFORE_LEAVING = 3
const SECONDS_MIN = 15
const SECONDS_MAX = 300
/** How often a song is searched that only some know, which may be missing. */
const SEARCHES_WANTED = 0.12
/** What people do that did not climb for it: chances that others (environment) or the service (corporate) give them. */
const CHANCE = 0.06
const countries = ['CN', 'NL', 'DE', 'US', 'BR', 'JP'] as const
const plans = ['free', 'free', 'free', 'premium', 'family'] as const
const ages = ['10-18', '18-26', '18-26', '18-26', 'over 26'] as const

/** The level from which on somebody does this, and the probability at each visit. */
const habits: readonly {
  readonly level: number
  readonly events: readonly string[]
  readonly probability: number
  readonly driver?: 'corporate' | 'environment'
}[] = [
  { level: 2, events: ['Recommendation Accepted'], probability: 0.6, driver: 'corporate' },
  { level: 3, events: ['Room Joined', 'Room Joined', 'Room Hosted'], probability: 0.6, driver: 'environment' },
  { level: 3, events: ['User Followed', 'User Followed', 'Account Linked'], probability: 0.2, driver: 'environment' },
  { level: 4, events: ['Checked In', 'Theme Joined', 'Topic Discussed'], probability: 0.7, driver: 'corporate' },
  { level: 5, events: ['Invitation Sent', 'Comment Commended', 'Collection Used', 'User Certified'], probability: 0.3, driver: 'environment' },
  { level: 6, events: ['Project Started', 'Event Hosted'], probability: 0.2 },
  { level: 0, events: ['Release Opened', 'Musician Opened'], probability: CHANCE, driver: 'corporate' },
  { level: 0, events: ['User Followed'], probability: CHANCE, driver: 'environment' },
]

/** Writes what listeners do during a visit, and remembers what it will change in them. */
export class ListenerSession {
  readonly #settings: EcosystemSettings
  readonly #songs: readonly WantedSong[]
  readonly #state: ListenerState
  readonly #draws: Draws
  #calls: Call[] = []
  #userId = ''
  #at: Instant = 0

  constructor(settings: EcosystemSettings, songs: readonly WantedSong[], state: ListenerState) {
    this.#settings = settings
    this.#songs = songs
    this.#state = state
    this.#draws = new Draws(settings.seed)
  }

  /** Adds the calls of a visit to a list. @param hourBegins the hour in which it begins; it lasts at most two */
  add(calls: Call[], { listener, isFirst, foundAgain, letDownBy }: Visit, { day, hourBegins }: { day: number; hourBegins: Instant }): void {
    const draws = this.#draws.restart(PART_SESSION, listener, day)
    this.#calls = calls
    this.#userId = listenerId(listener)
    this.#at = hourBegins + draws.below(60 * MINUTE_MS)
    if (isFirst) this.#identify(listener)
    if (letDownBy !== undefined) {
      this.#searchInVain(letDownBy, SEARCHES_BEFORE_LEAVING)
      return
    }
    if (foundAgain !== undefined) this.#do('Release Opened', { query: foundAgain })
    this.#search(listener, day)
    this.#play(listener)
    for (const { level, events, probability, driver } of habits) {
      if ((this.#state.level[listener] as number) < level || !draws.isTrue(probability)) continue
      this.#do(draws.pick(events))
      if (driver === 'corporate') this.#state.corporateDay[listener] = day
      if (driver === 'environment') this.#state.environmentDay[listener] = day
    }
  }

  #identify(listener: number): void {
    const draws = this.#draws
    const traits = { country: draws.pick(countries), plan: draws.pick(plans), age: draws.pick(ages), behaviour: this.#behaviour(listener) }
    this.#calls.push({ at: this.#at, userId: this.#userId, traits })
  }

  #behaviour(listener: number): string {
    return behaviours[this.#state.behaviour[listener] as number] as string
  }

  #search(listener: number, day: number): void {
    const draws = this.#draws
    if (!draws.isTrue(SEARCHES_WANTED)) {
      this.#do('Songs Searched', { query: nameOf(draws.popular(this.#settings.musicians)), results: 1 + draws.below(40) })
      return
    }
    const number = draws.popular(this.#songs.length)
    const song = this.#songs[number] as WantedSong
    if (isMissing(song, day)) {
      this.#searchInVain(song.title, 1)
      this.#state.unmetDay[listener] = day
      this.#state.unmetSong[listener] = number
    } else this.#do('Songs Searched', { query: song.title, results: 1 })
  }

  #searchInVain(query: string, times: number): void {
    for (let time = 0; time < times; time++) this.#do('Songs Searched', { query, results: 0 })
  }

  #play(listener: number): void {
    const draws = this.#draws
    const level = this.#state.level[listener] as number
    // Who only looks around plays little; the others enough for a preference to form.
    const plays = level === 0 ? draws.below(2) : 2 + draws.below(PLAYS_MAX)
    const keeps = this.#behaviour(listener) === 'collector' ? 0.35 : level >= 4 ? 0.25 : 0.06
    for (let play = 0; play < plays; play++) {
      const artist = this.#artist()
      this.#do('Song Played', { ...artist, seconds: SECONDS_MIN + draws.below(SECONDS_MAX - SECONDS_MIN) })
      if (draws.isTrue(keeps)) this.#do('Song Saved', artist)
      if (draws.isTrue(0.02)) this.#do('Song Downloaded', artist)
      if (draws.isTrue(0.02)) this.#do('Song Rated', { ...artist, stars: 1 + draws.below(5) })
      if (draws.isTrue(0.015)) this.#do('Musician Followed', artist)
    }
  }

  #artist(): { artist: string; artistId: string } {
    const musician = this.#draws.popular(this.#settings.musicians)
    return { artist: nameOf(musician), artistId: musicianId(musician) }
  }

  #do(event: string, properties?: Call['properties']): void {
    this.#at += 1 + this.#draws.below(GAP_MINUTES_MAX * MINUTE_MS)
    this.#calls.push(properties === undefined ? { at: this.#at, userId: this.#userId, event } : { at: this.#at, userId: this.#userId, event, properties })
  }
}

/** The name by which a musician is searched and heard. */
const nameOf = (musician: number): string => `artist-${musician + 1}`
