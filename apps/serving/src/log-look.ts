import type { ActivityEvent, Actor } from '#contracts'
import { type CompiledCycle, EventSurvey } from '#cycle'
import type { ServingSources } from './serving-sources.ts'

/** Looks into the log for an actor that no read model knows: whoever sends events of no signal is there all the same. */
export class LogLook {
  readonly #cycle: CompiledCycle
  readonly #frames: ServingSources['newestFrames']

  constructor(cycle: CompiledCycle, frames: ServingSources['newestFrames']) {
    this.#cycle = cycle
    this.#frames = frames
  }

  /** Of the actors that walk the cycle. */
  get actorType(): string {
    return this.#cycle.actorType
  }

  /** In sentences, what the newest part of the log says of an actor that has no history. */
  async say({ type, id }: Actor): Promise<string> {
    const survey = new EventSurvey(this.#cycle)
    let events = 0
    for (const event of eventsOf({ type, id }, await this.#frames(id))) {
      events += 1
      survey.take({ ...event, actorType: type, actorId: id })
    }
    if (events === 0) return `There is no ${type} ${id} here, and no event of it in the newest part of the log.`
    const said = survey.say(0).map((text) => text.trim())
    const matched = events - survey.unmatched
    const none = matched === 0 ? [] : [`${matched} of its newest events matched a signal, but no rule has led it into a stage.`]
    return [`${type} ${id} has sent events, but is in no stage.`, ...none, ...said].join(' ')
  }
}

function* eventsOf({ type, id }: Actor, frames: readonly string[]): Generator<ActivityEvent> {
  const needle = JSON.stringify(id)
  for (const frame of frames) {
    if (!frame.includes(needle)) continue
    for (const line of frame.split('\n')) {
      const event = line.includes(needle) ? readEvent(line) : undefined
      if (event?.actor?.id === id && event.actor.type === type) yield event
    }
  }
}

/** A line of the log, read by itself; undefined for what is no JSON. */
function readEvent(line: string): ActivityEvent | undefined {
  try {
    return JSON.parse(line) as ActivityEvent
  } catch {
    return undefined
  }
}
