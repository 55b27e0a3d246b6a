import { type CycleDefinition, definitionDefaults, instantOf, type Output, printable } from '#contracts'
import { originOf } from '#cycle'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MINUTE = 60_000
/** Values of events are cut after so many characters: a client could send any length. */
const VALUE_LENGTH_MAX = 80
const DATE_LENGTH = 'YYYY-MM-DD'.length

/** Turns outputs into sentences for marketers, with the titles of the definition. Pure: the same output gives the same sentences. */
export interface Narration {
  /** The actor, its move and the reason in one sentence without a full stop: "user 00042 went away, from Regular to Away: silent for 41 days". */
  sentence(output: Output): string
  /** Why, without who and where: "silent for 41 days". */
  reason(output: Output): string
  /** The evidence of the sentence, one line each: measures with their newest events, the causing event, deadlines. */
  explanation(output: Output): string[]
  /** The title of a stage; its id if it has none. */
  stage(id: string): string
}

/** Creates the narration of one definition. */
export function narrationOf(definition: CycleDefinition): Narration {
  const stages = new Map(definition.stages.map(({ id, title }) => [id, title ?? inWords(id)]))
  const rules = new Map(definition.transitions.map((rule) => [rule.id, rule]))
  const timeZone = definition.timezone ?? definitionDefaults.timezone
  const time = timeIn(timeZone)
  const stage = (id: string): string => stages.get(id) ?? id
  const measure = (id: string): string => definition.measures?.[id]?.title ?? inWords(id)
  const isAddressed = typeof definition.actor !== 'string'
  const named = (event: string): string => (isAddressed ? eventWithSender(event) : event)
  const why = (output: Output): string => reason(output, rules.get(output.rule), measure)

  const sentence = (output: Output): string => {
    const { kind, from, to, at, because } = output
    const who = `${output.actor.type} ${output.actor.id}`
    const path = `from ${stage(from)} to ${stage(to)}`
    if (kind === 'retraction') {
      const undone = from === to ? `${who} was not at risk in ${stage(from)}` : `${who} did not go ${from === 'start' ? `to ${stage(to)}` : path}`
      return `Taken back: ${undone} on ${time(at).slice(0, DATE_LENGTH)}, because event ${named(because ?? '')} arrived after this had been published`
    }
    const corrected = because === undefined ? '' : 'Corrected: '
    if (kind === 'notice') return `${corrected}${who} is at risk in ${stage(from)}: ${why(output)}`
    if (from === 'start') return `${corrected}${who} began at ${stage(to)}: ${why(output)}`
    const stayed = kind === 'return' && output.dwellMs !== null ? ` after ${duration(output.dwellMs)}` : ''
    return `${corrected}${who} ${verbs[kind]}, ${path}${stayed}: ${why(output)}`
  }

  const explanation = (output: Output): string[] => {
    const { measures, recent, event, deadline, silentSince } = output.evidence
    const counted = Object.entries(measures).map(([id, value]) => {
      const events = recent[id] ?? []
      return `${measure(id)}: ${plain(value)}${events.length === 0 ? '' : `, last by ${events.map(named).join(', ')}`}`
    })
    return [
      ...counted,
      ...(event === null ? [] : [`caused by event ${named(event)}`]),
      ...(silentSince === undefined ? [] : [`last seen ${time(silentSince)}`]),
      ...(deadline === null ? [] : [`the deadline passed ${time(deadline)}`]),
      ...(output.noticedAt === output.at ? [] : [`noticed ${time(output.noticedAt)}`]),
      `rule ${output.rule}, cause ${output.cause}`,
    ]
  }
  return {
    sentence: (output) => printable(sentence(output)),
    reason: (output) => printable(why(output)),
    explanation: (output) => explanation(output).map(printable),
    stage,
  }
}

/** An event that an actor is addressed by, as it was sent: `e1 of user ann`. */
function eventWithSender(addressed: string): string {
  const origin = originOf(addressed)
  return origin === undefined ? addressed : `${origin.id} of ${origin.actor.type} ${origin.actor.id}`
}

/** What a transition of each kind means for its actor. */
const verbs = {
  advance: 'moved on',
  regress: 'moved back',
  disengage: 'went away',
  return: 'came back',
  resume: 'became regular again',
  'definition-change': 'was placed again',
} as const

/** A rule of the definition. */
type Rule = CycleDefinition['transitions'][number]

/** Why the actor moved: the silence, or the title of the rule with the values that satisfied it. */
function reason(output: Output, rule: Rule | undefined, measure: (id: string) => string): string {
  const { evidence, kind } = output
  if (kind === 'definition-change') return 'the definition changed'
  if (evidence.silentSince !== undefined) return `silent for ${duration(instantOf(output.at) - instantOf(evidence.silentSince))}`
  const notes = [...Object.entries(evidence.measures).map(([id, value]) => `${measure(id)}: ${plain(value)}`), ...notesOf(output, rule)]
  const title = rule?.title ?? inWords(output.rule)
  return notes.length === 0 ? title : `${title} (${notes.join('; ')})`
}

function notesOf({ dwellMs, cause }: Output, rule: Rule | undefined): string[] {
  return [...(rule?.after === undefined ? [] : [`${duration(dwellMs ?? 0)} passed`]), ...(rule?.cause === undefined ? [] : [`cause: ${inWords(cause)}`])]
}

/** From how many milliseconds on a unit is used, its length, and its name. */
const units = [
  [2 * DAY, DAY, 'day'],
  [2 * HOUR, HOUR, 'hour'],
  [0, MINUTE, 'minute'],
] as const

/** A length of time, rounded down, in the largest unit that gives at least two; less than two hours in minutes: "41 days", "30 hours", "1 minute". */
export function duration(ms: number): string {
  const [, size, name] = units.find(([from]) => ms >= from) ?? units[2]
  const count = Math.max(0, Math.floor(ms / size))
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** A value of a measure as text: numbers with two decimals at most, long texts cut. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'number') return String(Math.round(value * 100) / 100)
  const text = String(value)
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text
}

/** An id as words, for stages, measures and rules without a title. */
const inWords = (id: string): string => id.replace(/[-_]+/g, ' ')

/** Writes times as `2026-01-31 14:05:00 Europe/Berlin`. */
function timeIn(timeZone: string): (iso: string) => string {
  // Swedish writes dates and times as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return (iso) => `${format.format(instantOf(iso))} ${timeZone}`
}
