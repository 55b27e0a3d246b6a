import type { TransitionDefinition } from '#contracts'
import { type DefinitionParts, type Part, signalsOf } from '../parts.ts'
import type { Report } from '../report.ts'
import { isImmediate, rulesResolve, triggersOf } from '../stage-graph.ts'
import { eventPaths, subjectsOf } from './conditions.ts'

/** Warns about measures that no rule uses, signals without effect, and conditions on events in rules that are tried without an event. */
export function checkUnused(parts: DefinitionParts, report: Report): void {
  for (const rule of parts.rules) checkTimed(rule, report)
  if (!rulesResolve(parts) || !parts.complete.measures) return
  checkMeasuresUsed(parts, report)
  checkSignalsUsed(parts, report)
}

function checkTimed(rule: Part<TransitionDefinition>, report: Report): void {
  const { after, when } = rule.fields
  const timed = after !== undefined || triggersOf(rule)?.every((name) => name === 'absence')
  const [path] = timed && when !== undefined ? eventPaths(when) : []
  if (path === undefined) return
  report.warning([...rule.path, 'when'], `when: this rule is tried when time passes, without an event, so "${path}" is always missing`, 'key')
}

function checkMeasuresUsed(parts: DefinitionParts, report: Report): void {
  const used = new Set(parts.rules.flatMap((rule) => subjectsOf(rule.fields.when ?? {})))
  for (const { name = '', path } of parts.measures) {
    if (!used.has(name)) report.warning(path, `no rule uses the measure "${name}"; leave it out`, 'key')
  }
}

/** A signal without a name in a rule can have an effect: every signal is activity, and immediate rules are tried at each. */
function checkSignalsUsed(parts: DefinitionParts, report: Report): void {
  if (parts.stages.some((stage) => stage.fields.absence !== undefined)) return
  if (parts.rules.some((rule) => isImmediate(rule) && eventPaths(rule.fields.when ?? {}).length > 0)) return
  const counted = parts.measures.flatMap(signalsOf).map(({ name }) => name)
  const named = new Set([...counted, ...parts.rules.flatMap((rule) => triggersOf(rule) ?? [])])
  for (const { name = '', path } of named.has('any') ? [] : parts.signals) {
    if (!named.has(name)) report.warning(path, `no rule and no measure names the signal "${name}"; leave it out`, 'key')
  }
}
