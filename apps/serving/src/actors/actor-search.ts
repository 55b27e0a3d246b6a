import { type ActivityEvent, type Actor, formatInstant, type Instant, instantOf } from '#contracts'
import { type CompiledCycle, describeLate, EventSurvey, type SentEvent } from '#cycle'
import type { ServingSources } from '../sources/serving-sources.ts'

/** Searches the newest part of the log for an actor that no read model knows, because its events match no signal. */
export class ActorSearch {
  readonly #cycle: CompiledCycle
  readonly #newest: ServingSources['newest']

  constructor(cycle: CompiledCycle, newest: ServingSources['newest']) {
    this.#cycle = cycle
    this.#newest = newest
  }

  /** The type of the actors of this cycle. */
  get actorType(): string {
    return this.#cycle.actorType
  }

  /** The events of an actor without history in the newest part of the log, as sentences. */
  async describe(actor: Actor): Promise<string> {
    const { type, id } = actor
    const { foldedAt, isHeldAll, ...part } = await this.#newest(id)
    const survey = new EventSurvey(this.#cycle)
    const [folded, ahead, held] = [part.folded, part.ahead, part.held].map((frames) => this.#count(frames, actor, survey)) as [Found, Found, Found]
    const waiting = [...heldText(held.events, isHeldAll), ...aheadText(ahead.events, foldedAt)]
    if (folded.events + ahead.events + held.events === 0) {
      const known = type === this.actorType ? [] : [`The actors of this cycle have the type ${this.actorType}.`]
      return [`There is no ${type} ${id} here, and no event of it in the newest part of the log.`, ...known, ...waiting].join(' ')
    }
    const { matched, late } = folded
    const sentences = [
      `${type} ${id} has sent events, but is in no stage${waiting.length === 0 ? '' : ' yet'}.`,
      ...waiting,
      ...describeLate(late, this.#cycle.graceMs),
      ...(matched === 0 ? [] : [`${matched} of its newest events matched a signal, but no rule has led it into a stage.`]),
      ...survey.describe().map((text) => text.trim()),
    ]
    return sentences.join(' ')
  }

  /** Whether an event counts for an actor, or was sent by it. */
  #isOf({ type, id }: Actor, sent: SentEvent): boolean {
    const { actorType, addressing } = this.#cycle
    if (sent.actorType === type && sent.actorId === id) return true
    return addressing !== undefined && type === actorType && addressing.read(sent).ids.includes(id)
  }

  #count(frames: readonly string[], { type, id }: Actor, survey: EventSurvey): Found {
    const found = { events: 0, matched: 0, late: 0 }
    for (const event of eventsOf(id, frames)) {
      const sent = { ...event, actorType: event.actor.type, actorId: event.actor.id }
      if (!this.#isOf({ type, id }, sent)) continue
      found.events += 1
      const isSignal = survey.count(sent)
      // The fold only counts a late event.
      if (instantOf(event.receivedAt) - instantOf(event.time) > this.#cycle.graceMs) found.late += 1
      else if (isSignal) found.matched += 1
    }
    return found
  }
}

/** The events of an actor in a part of the log. */
interface Found {
  readonly events: number
  /** Events that match a signal and were not late. */
  readonly matched: number
  readonly late: number
}

function heldText(events: number, isAll: boolean): string[] {
  if (events > 0) return [`${eventsOfIt(events)} arrived during an import: held until it has ended, and in no count yet.`]
  return isAll ? [] : ['An import is under way: events that arrive meanwhile are held until it ends, and only the newest of them were looked at.']
}

function aheadText(events: number, foldedAt: Instant | undefined): string[] {
  if (events === 0) return []
  const where = foldedAt === undefined ? 'has not begun' : `is at ${formatInstant(foldedAt)}`
  return [`${eventsOfIt(events)} ${events === 1 ? 'is' : 'are'} not folded yet: the fold ${where}.`]
}

const eventsOfIt = (events: number): string => `${events} of its events`

/** The events that name an id anywhere. */
function* eventsOf(id: string, frames: readonly string[]): Generator<ActivityEvent> {
  // Without quotes, because an event may name an actor by a number.
  const needle = JSON.stringify(id).slice(1, -1)
  for (const frame of frames) {
    if (!frame.includes(needle)) continue
    for (const line of frame.split('\n')) {
      const event = line.includes(needle) ? readEvent(line) : undefined
      if (typeof event?.actor === 'object' && event.actor !== null) yield event
    }
  }
}

/** A parsed line of the log; undefined if it is not JSON. */
function readEvent(line: string): ActivityEvent | undefined {
  try {
    return JSON.parse(line) as ActivityEvent
  } catch {
    return undefined
  }
}
