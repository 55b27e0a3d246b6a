import type { CycleDefinition, StageDefinition, StageKind, TransitionDefinition, TransitionKind } from '#contracts'

/** The stage of every actor before its first transition. */
export const START = 'start'

const triggersOf = (rule: TransitionDefinition): string[] => [rule.trigger ?? []].flat()

/** A rule without trigger and after: it is tried at every event, in chains, and when a window runs out. */
export const isImmediate = (rule: TransitionDefinition): boolean => rule.trigger === undefined && rule.after === undefined

/** Whether a rule has the trigger absence. */
export const namesAbsence = (rule: TransitionDefinition): boolean => triggersOf(rule).includes('absence')

/** The first of an event's signals that the rule's trigger names; for a rule without trigger the first signal. */
export function triggeringSignal(rule: TransitionDefinition, signals: readonly string[]): string | undefined {
  const triggers = rule.trigger === undefined ? ['any'] : triggersOf(rule)
  return signals.find((signal) => triggers.includes('any') || triggers.includes(signal))
}

/** The stage with an id. */
export function stageOf(definition: CycleDefinition, id: string): StageDefinition | undefined {
  return definition.stages.find((stage) => stage.id === id)
}

/** The rules of a stage in file order; `from` names stages, kinds or `start`. */
export function rulesOf(definition: CycleDefinition, stage: string): TransitionDefinition[] {
  const kind: StageKind | undefined = stageOf(definition, stage)?.kind
  return definition.transitions.filter((rule) => [rule.from].flat().some((from) => from === stage || from === kind))
}

/** The kind of a transition: rule 17. */
export function kindOf(definition: CycleDefinition, from: string, to: string): TransitionKind {
  const [fromKind, toKind] = [stageOf(definition, from)?.kind, stageOf(definition, to)?.kind]
  if (from === START) return 'advance'
  if (toKind === 'lapsed') return 'disengage'
  if (fromKind === 'lapsed') return 'return'
  if (fromKind === 'returned' && toKind === 'active') return 'resume'
  const order = definition.stages.map(({ id }) => id)
  return order.indexOf(to) > order.indexOf(from) ? 'advance' : 'regress'
}
