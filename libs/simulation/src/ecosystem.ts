import type { Instant } from '#contracts'
import { Draws } from './draws.ts'

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** How an ecosystem is made. The same settings give the same events and the same truth. */
export interface EcosystemSettings {
  readonly seed: number
  readonly listeners: number
  readonly musicians: number
  /** When it begins: a midnight of UTC. */
  readonly from: Instant
  /** How many days of it are wanted; Infinity without an end. */
  readonly days: number
  /** In a null ecosystem nothing moves anybody: every planted ratio is 1. */
  readonly isNull: boolean
}

/** A song that some listeners look for, and the days on which the catalogue does not have it. */
export interface WantedSong {
  readonly title: string
  /** The first day without it: its rights expire. */
  readonly missingFrom: number
  /** The first day with it again; Infinity if it never comes back. */
  readonly metFrom: number
}

/** Everybody joins, and songs go missing, within this time; more days add what becomes of them. So the first days are the same, however many are wanted. */
export const GROWTH_DAYS = 365
/** How many songs can go missing. */
const WANTED = 40
const SHARE_MET_AGAIN = 0.5
const MISSING_FROM_MIN = 20
const MISSING_FROM_MAX = 240
const MISSING_DAYS_MIN = 30
const MISSING_DAYS_MAX = 90
const PART_SONGS = 1

/** The songs that go missing, the most popular first. */
export function wantedSongs({ seed }: Pick<EcosystemSettings, 'seed'>): readonly WantedSong[] {
  const draws = new Draws(seed)
  return Array.from({ length: WANTED }, (_, number) => {
    draws.restart(PART_SONGS, number, 0)
    const missingFrom = MISSING_FROM_MIN + draws.below(MISSING_FROM_MAX - MISSING_FROM_MIN)
    const metFrom = draws.isTrue(SHARE_MET_AGAIN) ? missingFrom + MISSING_DAYS_MIN + draws.below(MISSING_DAYS_MAX - MISSING_DAYS_MIN) : Number.POSITIVE_INFINITY
    return { title: `song-${String(number + 1).padStart(2, '0')}`, missingFrom, metFrom }
  })
}

export const isMissing = ({ missingFrom, metFrom }: WantedSong, day: number): boolean => day >= missingFrom && day < metFrom

/** The ids of actors, by their numbers from 0: the events and the truth name the same people. */
export const listenerId = (listener: number): string => `listener-${listener + 1}`
export const musicianId = (musician: number): string => `musician-${musician + 1}`

/** The instant at which a day of the ecosystem begins. */
export const dayBegins = ({ from }: Pick<EcosystemSettings, 'from'>, day: number): Instant => from + day * DAY_MS
