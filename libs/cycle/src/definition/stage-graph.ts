import type { TransitionDefinition } from '#contracts'
import { type DefinitionParts, located, type Part } from './parts.ts'

/** A rule of the definition, with its place. */
type Rule = Part<TransitionDefinition>

/** The kinds of stages. `from` may name a kind instead of stages. */
export const KINDS: ReadonlySet<string> = new Set(['active', 'lapsed', 'returned'])

/** The stage of every actor before its first transition. */
export const START = 'start'

/** The stages of a kind, in file order. */
export function stagesOfKind(parts: DefinitionParts, kind: string): readonly string[] {
  return parts.stages.flatMap((stage) => (stage.fields.kind === kind && stage.name !== undefined ? [stage.name] : []))
}

/** The stages that a rule leads out of, including `start`; unknown names are left out. */
export function stagesFrom(rule: Rule, parts: DefinitionParts): readonly string[] {
  const stages = new Set(parts.stages.map((stage) => stage.name))
  const each = located(rule.fields.from, []).flatMap(({ name }) => {
    if (KINDS.has(name)) return stagesOfKind(parts, name)
    return name === START || stages.has(name) ? [name] : []
  })
  return [...new Set(each)]
}

/** The stages that a rule can lead to; `previous` is any of the active ones. */
export function stagesTo(rule: Rule, parts: DefinitionParts): readonly string[] {
  const { to } = rule.fields
  if (to === undefined) return []
  return to === 'previous' ? stagesOfKind(parts, 'active') : [to]
}

/**
 * Whether every rule is readable and names only known stages and signals. Otherwise an unreachable stage, or an absence without a rule,
 * may only follow from a defect that is reported already.
 */
export function rulesResolve(parts: DefinitionParts): boolean {
  if (!parts.complete.stages || !parts.complete.transitions) return false
  const stages = new Set(parts.stages.map((stage) => stage.name))
  const signals = new Set(parts.signals.map((signal) => signal.name))
  return parts.rules.every(
    (rule) =>
      located(rule.fields.from, []).every(({ name }) => name === START || KINDS.has(name) || stages.has(name)) &&
      (rule.fields.to === 'previous' || stages.has(rule.fields.to)) &&
      (triggersOf(rule) ?? []).every((name) => name === 'any' || name === 'absence' || signals.has(name)),
  )
}

/** The triggers of a rule; undefined if it has no trigger. */
export function triggersOf(rule: Rule): readonly string[] | undefined {
  return rule.fields.trigger === undefined ? undefined : located(rule.fields.trigger, []).map(({ name }) => name)
}

/** Whether a rule has neither trigger nor after: it is tried at every event, in chains, and when a window runs out. */
export function isImmediate(rule: Rule): boolean {
  return rule.fields.trigger === undefined && rule.fields.after === undefined && rule.complete
}
