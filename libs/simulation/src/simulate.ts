import type { Call } from './call.ts'
import { Draws } from './draws.ts'
import { dayBegins, type EcosystemSettings, HOUR_MS, type WantedSong, wantedSongs } from './ecosystem.ts'
import { ListenerSession } from './listener-session.ts'
import { Listeners, type Visit } from './listeners.ts'
import { Musicians } from './musicians.ts'
import { PLANTED } from './planted-truth.ts'
import type { Tell } from './truth-record.ts'

const PART_HOURS = 5
const HOURS = 24
/** The hours of a day, the busy ones several times: people listen on their way and in the evening. */
const BUSY_HOURS = [7, 8, 8, 9, 12, 13, 16, 17, 18, 18, 19, 19, 20, 20, 20, 21, 21, 21, 22, 22, 23, 0, 1, 10] as const

/**
 * The calls of an ecosystem, an hour at a time, ordered by time. Memory holds some 25 bytes a listener and the calls of about two hours.
 *
 * @param tell gets what is true and not visible, as it becomes true; first of all what was planted
 */
export function* simulate(settings: EcosystemSettings, tell: Tell): Generator<readonly Call[]> {
  const songs = wantedSongs(settings)
  tellPlanted(settings, songs, tell)
  const listeners = new Listeners(settings, songs, tell)
  const session = new ListenerSession(settings, songs, listeners.state)
  const musicians = new Musicians(settings)
  const waiting: Call[] = []
  for (let day = 0; day < settings.days; day++) {
    musicians.add(waiting, day)
    for (const [hour, visits] of visitsByHour(settings, listeners, day).entries()) {
      const hourBegins = dayBegins(settings, day) + hour * HOUR_MS
      for (const visit of visits) session.add(waiting, visit, { day, hourBegins })
      waiting.sort((one, other) => one.at - other.at)
      const later = waiting.findIndex(({ at }) => at >= hourBegins + HOUR_MS)
      const ready = waiting.splice(0, later === -1 ? waiting.length : later)
      if (ready.length > 0) yield ready
    }
  }
  // What would have happened after the last day is not part of it.
}

function tellPlanted(settings: EcosystemSettings, songs: readonly WantedSong[], tell: Tell): void {
  if (!settings.isNull) for (const { step, of, ratio } of PLANTED) tell({ kind: 'ratio', step, of, ratio })
  for (const { title, missingFrom, metFrom } of songs) {
    const metAt = Number.isFinite(metFrom) ? dayBegins(settings, metFrom) : undefined
    tell({ kind: 'song', title, missingFrom: dayBegins(settings, missingFrom), metAt })
  }
}

function visitsByHour(settings: EcosystemSettings, listeners: Listeners, day: number): readonly Visit[][] {
  const draws = new Draws(settings.seed)
  const visits: Visit[][] = Array.from({ length: HOURS }, () => [])
  for (let listener = 0; listener < settings.listeners; listener++) {
    const visit = listeners.visitOn(listener, day)
    if (visit === undefined) continue
    visits[draws.restart(PART_HOURS, listener, day).pick(BUSY_HOURS)]?.push(visit)
  }
  return visits
}
