import { Draws } from './draws.ts'
import { dayBegins, type EcosystemSettings, GROWTH_DAYS, listenerId, type WantedSong } from './ecosystem.ts'
import { ListenerState, NEVER, NO_SONG, presence } from './listener-state.ts'
import {
  CAMPAIGN_AFTER_DAYS,
  CAMPAIGN_SHARE,
  EFFECT_DAYS,
  FORWARD_A_DAY,
  LEAVE_A_DAY,
  LEVEL_MAX,
  LEVELS,
  RETURN_A_DAY,
  ratiosOf,
  VISIT_A_DAY,
} from './planted-truth.ts'
import type { ReturnReason, Tell } from './truth-record.ts'

/** What people are like, and how often: the classes of behaviour that the study names, and those between. */
export const behaviours = ['silent', 'collector', 'social', 'creator'] as const
const BEHAVIOUR_SHARES = [0.5, 0.75, 0.95, 1] as const
/** Half of the listeners are there in the first days; the others join later. */
const SHARE_FROM_BEGINNING = 0.5
const FIRST_DAYS = 10
const WEEKEND = 1.25
const PART_LIVES = 2
/** Saturday and Sunday, as `getUTCDay` counts. */
const SATURDAY = 6

/** What a listener does on a day besides the habits of their level. */
export interface Visit {
  readonly listener: number
  readonly isFirst: boolean
  /** They have just come back for a song that the catalogue has again. */
  readonly foundAgain: string | undefined
  /** They look for a song three times, do not find it, and leave. */
  readonly letDownBy: string | undefined
}

/** The lives of all listeners, day by day: who joins, climbs, leaves and comes back, and why. */
export class Listeners {
  readonly state: ListenerState
  readonly #settings: EcosystemSettings
  readonly #songs: readonly WantedSong[]
  readonly #ratio: ReturnType<typeof ratiosOf>
  readonly #draws: Draws
  readonly #tell: Tell

  constructor(settings: EcosystemSettings, songs: readonly WantedSong[], tell: Tell) {
    this.#settings = settings
    this.#songs = songs
    this.#ratio = ratiosOf(settings.isNull)
    this.#draws = new Draws(settings.seed)
    this.#tell = tell
    this.state = new ListenerState(settings.listeners)
    for (let listener = 0; listener < settings.listeners; listener++) this.#choose(listener)
  }

  /** The visit of a listener on a day; undefined if they do not come. Called once for each listener and day, in the order of days. */
  visitOn(listener: number, day: number): Visit | undefined {
    const draws = this.#draws.restart(PART_LIVES, listener, day)
    const { state } = this
    if (state.presence[listener] === presence.outside) return state.joinDay[listener] === day ? this.#join(listener, day) : undefined
    if (state.presence[listener] === presence.away) return this.#returns(listener, day, draws)
    const letDownBy = this.#leaves(listener, day, draws)
    if (state.presence[listener] === presence.away) return letDownBy === undefined ? undefined : { listener, isFirst: false, foundAgain: undefined, letDownBy }
    this.#climb(listener, day, draws)
    return this.#comes(listener, day, draws) ? { listener, isFirst: false, foundAgain: undefined, letDownBy: undefined } : undefined
  }

  #choose(listener: number): void {
    const draws = this.#draws.restart(PART_LIVES, listener, NEVER)
    const share = draws.share()
    this.state.behaviour[listener] = BEHAVIOUR_SHARES.findIndex((limit) => share < limit)
    this.state.joinDay[listener] = draws.below(draws.isTrue(SHARE_FROM_BEGINNING) ? FIRST_DAYS : GROWTH_DAYS)
  }

  #join(listener: number, day: number): Visit {
    this.state.presence[listener] = presence.here
    const behaviour = behaviours[this.state.behaviour[listener] as number] as string
    this.#tell({ kind: 'joined', at: dayBegins(this.#settings, day), actor: listenerId(listener), behaviour })
    return { listener, isFirst: true, foundAgain: undefined, letDownBy: undefined }
  }

  /** @returns the song for which they leave, if they do for a song */
  #leaves(listener: number, day: number, draws: Draws): string | undefined {
    const { state } = this
    const alone = LEAVE_A_DAY[state.level[listener] as number] as number
    const withOthers = alone * (isRecent(state.environmentDay[listener], day) ? this.#ratio('leave', 'environment') : 1)
    const rate = withOthers * (isRecent(state.unmetDay[listener], day) ? this.#ratio('leave', 'unmet-need') : 1)
    const share = draws.share()
    if (share >= rate) return undefined
    state.presence[listener] = presence.away
    state.awaySince[listener] = day
    state.campaignDay[listener] = NEVER
    // With this number they would have left without the need too.
    const because = share < withOthers ? 'drift' : 'unmet-need'
    const need = because === 'drift' ? undefined : this.#songs[state.unmetSong[listener] as number]?.title
    this.#tell({ kind: 'left', at: dayBegins(this.#settings, day), actor: listenerId(listener), because, need })
    return need
  }

  #climb(listener: number, day: number, draws: Draws): void {
    const { state } = this
    const level = state.level[listener] as number
    const corporate = isRecent(state.corporateDay[listener], day) ? this.#ratio('forward', 'corporate') : 1
    const environment = isRecent(state.environmentDay[listener], day) ? this.#ratio('forward', 'environment') : 1
    if (level === LEVEL_MAX || !draws.isTrue((FORWARD_A_DAY[level] as number) * corporate * environment)) return
    state.level[listener] = level + 1
    this.#tell({ kind: 'forward', at: dayBegins(this.#settings, day), actor: listenerId(listener), to: LEVELS[level + 1] as (typeof LEVELS)[number] })
  }

  #comes(listener: number, day: number, draws: Draws): boolean {
    const weekday = new Date(dayBegins(this.#settings, day)).getUTCDay()
    const isWeekend = weekday === 0 || weekday === SATURDAY
    return draws.isTrue((VISIT_A_DAY[this.state.level[listener] as number] as number) * (isWeekend ? WEEKEND : 1))
  }

  #returns(listener: number, day: number, draws: Draws): Visit | undefined {
    const { state } = this
    const share = draws.share()
    const isTreated = draws.isTrue(CAMPAIGN_SHARE)
    if (day - (state.awaySince[listener] as number) === CAMPAIGN_AFTER_DAYS) this.#assign(listener, day, isTreated)
    const song = this.#songs[state.unmetSong[listener] as number]
    const metAgain = song !== undefined && day >= song.metFrom && day < song.metFrom + EFFECT_DAYS
    const byNeed = RETURN_A_DAY * (metAgain ? this.#ratio('return', 'need-met') : 1)
    const rate = byNeed * (isRecent(state.campaignDay[listener], day) ? this.#ratio('return', 'campaign') : 1)
    if (share >= rate) return undefined
    const because: ReturnReason = share < RETURN_A_DAY ? 'anyway' : share < byNeed ? 'need-met' : 'campaign'
    state.presence[listener] = presence.here
    state.unmetSong[listener] = NO_SONG
    this.#tell({ kind: 'returned', at: dayBegins(this.#settings, day), actor: listenerId(listener), because })
    return { listener, isFirst: false, foundAgain: metAgain ? song.title : undefined, letDownBy: undefined }
  }

  #assign(listener: number, day: number, isTreated: boolean): void {
    if (isTreated) this.state.campaignDay[listener] = day
    this.#tell({ kind: 'campaign', at: dayBegins(this.#settings, day), actor: listenerId(listener), arm: isTreated ? 'treated' : 'holdout' })
  }
}

/** Whether a day is so near that what happened on it still has its effect. What happens on a day has its effect from the next day on. */
function isRecent(then: number | undefined, day: number): boolean {
  return then !== undefined && then !== NEVER && then < day && day - then <= EFFECT_DAYS
}
