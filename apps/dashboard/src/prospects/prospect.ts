import type { CycleDefinition, Output } from '../answers/answers.ts'

type StageDefinition = CycleDefinition['stages'][number]
type RuleDefinition = CycleDefinition['transitions'][number]

/** What can happen to an actor next by the passing of time alone. */
export interface Deadline {
  readonly rule: string
  readonly title: string
  readonly to: string
  /** The instant, or the earliest one that is possible. */
  readonly at: number
  /** Whether `at` is the instant itself. If not, events that the API does not show may have moved it later. */
  readonly isExact: boolean
  /** Whether an event of the actor moves it. If not, only another transition prevents it. */
  readonly isSilence: boolean
}

/** What an actor's stage leads to. */
export interface Prospect {
  readonly deadlines: readonly Deadline[]
  /** The rules that events can satisfy. */
  readonly ways: readonly Way[]
  /** The rules that what is counted can satisfy while days pass, such as fewer orders within a year. */
  readonly slips: readonly Way[]
}

/** A rule, and the stage that it leads to. */
export interface Way {
  readonly rule: string
  readonly title: string
  readonly to: string
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of a duration of a definition, such as `30d`. */
export function durationOf(text: string): number {
  const [, amount = '0', unit = 's'] = /^(\d+)(ms|s|m|h|d|w)$/.exec(text) ?? []
  return Number(amount) * (UNITS_MS[unit] ?? 0)
}

/** Whether a rule leads out of a stage. */
function leadsOutOf(rule: RuleDefinition, stage: StageDefinition): boolean {
  const from = [rule.from].flat()
  return from.includes('any') || from.includes(stage.id) || from.includes(stage.kind)
}

/** What is known of an actor: the effective outputs, newest first. */
export interface Known {
  readonly stage: string
  readonly since: number
  readonly outputs: readonly Output[]
}

/** What comes next for an actor, as far as the definition and the outputs tell. */
export function prospectOf(definition: CycleDefinition, known: Known): Prospect {
  const stage = definition.stages.find(({ id }) => id === known.stage)
  if (stage === undefined) return { deadlines: [], ways: [], slips: [] }
  const rules = definition.transitions.filter((rule) => leadsOutOf(rule, stage))
  const deadlines = rules.flatMap((rule) => deadlineOf(rule, stage, known)).sort((a, b) => a.at - b.at)
  const others = rules.filter((rule) => !isAbsence(rule) && rule.after === undefined)
  const ways = others.filter(({ trigger }) => trigger !== undefined).map(wayOf)
  return { deadlines, ways, slips: others.filter(({ trigger }) => trigger === undefined).map(wayOf) }
}

const wayOf = ({ id, title, to }: RuleDefinition): Way => ({ rule: id, title: title ?? id, to })
const isAbsence = ({ trigger }: RuleDefinition): boolean => [trigger].flat().includes('absence')

function deadlineOf(rule: RuleDefinition, stage: StageDefinition, known: Known): Deadline[] {
  const head = { rule: rule.id, title: rule.title ?? rule.id, to: rule.to }
  if (rule.after !== undefined) return [{ ...head, at: known.since + durationOf(rule.after), isExact: true, isSilence: false }]
  if (!isAbsence(rule)) return []
  const end = endOfSilence(stage, known)
  return end === undefined ? [] : [{ ...head, at: Math.max(end.at, known.since), isExact: end.isExact, isSilence: true }]
}

/** When an actor counts as absent if nothing comes. */
function endOfSilence({ absence, warning }: StageDefinition, { outputs, since }: Known): { at: number; isExact: boolean } | undefined {
  if (absence === undefined) return undefined
  const [newest] = outputs
  const silentSince = newest?.kind === 'notice' ? newest.evidence.silentSince : undefined
  if (newest !== undefined && silentSince !== undefined && warning !== undefined) {
    // The notice came after this share of the absence, so the absence follows from it, also a personal one.
    const seen = Date.parse(silentSince)
    return { at: seen + Math.round((Date.parse(newest.at) - seen) / warning), isExact: true }
  }
  const least = typeof absence === 'string' ? durationOf(absence) : durationOf(absence.floor)
  return { at: lastSeen(outputs, since) + least, isExact: false }
}

/** The newest activity that an output shows: there may be newer ones, of which no output came. */
function lastSeen(outputs: readonly Output[], since: number): number {
  const byEvent = outputs.filter(({ evidence }) => evidence.event !== null).map(({ at }) => Date.parse(at))
  return byEvent.length === 0 ? since : Math.max(...byEvent)
}
