import { definitionLimits, parseDuration, type TransitionDefinition } from '#contracts'
import { suggestion } from '../nearest-name.ts'
import { type DefinitionParts, located, namesOf, type Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { KINDS, START, stagesFrom, stagesOfKind } from '../stage-graph.ts'

/** A rule of the definition, with its place. */
type Rule = Part<TransitionDefinition>

/** Checks from, to, trigger and after of each rule (rule 13). */
export function checkRules(parts: DefinitionParts, report: Report): void {
  for (const rule of parts.rules) {
    checkFrom(rule, parts, report)
    checkTo(rule, parts, report)
    checkTrigger(rule, parts, report)
    checkTriggerOrAfter(rule, parts, report)
  }
  checkAfterRules(parts, report)
}

/** Each `after` rule of a stage has a bit that records whether its deadline is spent; the bits are limited. */
function checkAfterRules(parts: DefinitionParts, report: Report): void {
  const counts = new Map<string, number>()
  for (const rule of parts.rules.filter(({ fields }) => fields.after !== undefined)) {
    for (const stage of stagesFrom(rule, parts)) {
      const count = (counts.get(stage) ?? 0) + 1
      counts.set(stage, count)
      const limit = definitionLimits.afterRules
      if (count === limit + 1) report.error([...rule.path, 'after'], `after: the stage "${stage}" has more than ${limit} rules with after; merge some`)
    }
  }
}

function checkFrom(rule: Rule, parts: DefinitionParts, report: Report): void {
  const stages = namesOf(parts.stages)
  for (const { name, path } of located(rule.fields.from, [...rule.path, 'from'])) {
    if (name === START || stages.includes(name)) continue
    if (!KINDS.has(name)) {
      const hint = name === 'any' || name === 'all' ? '; list the stages or kinds' : suggestion(name, [...stages, START, ...KINDS], 'stages and kinds')
      if (parts.namesKnown.stages) report.error(path, `from: there is no stage "${name}"${hint}`)
    } else if (parts.complete.stages && stagesOfKind(parts, name).length === 0) {
      report.error(path, `from: no stage is of kind ${name}; add one or name other stages`)
    }
  }
}

function checkTo(rule: Rule, parts: DefinitionParts, report: Report): void {
  const { to } = rule.fields
  if (to === undefined) return
  const path = [...rule.path, 'to']
  const stages = namesOf(parts.stages)
  if (to === 'previous') checkPrevious(rule, parts, report)
  else if (to === START) report.error(path, 'to: nothing leads back to start; name a stage')
  else if (KINDS.has(to)) report.error(path, `to: a rule leads to one stage, and ${to} is a kind; name a stage${to === 'active' ? ' or previous' : ''}`)
  else if (stages.includes(to)) checkNotSameStage(rule, to, parts, report)
  else if (parts.namesKnown.stages) report.error(path, `to: there is no stage "${to}"${suggestion(to, [...stages, 'previous'], 'stages')}`)
}

function checkNotSameStage(rule: Rule, to: string, parts: DefinitionParts, report: Report): void {
  const from = stagesFrom(rule, parts)
  if (!parts.complete.stages || from.length !== 1 || from[0] !== to) return
  report.error([...rule.path, 'to'], `to: the rule leads only from "${to}" to "${to}", and no rule leads to the stage the actor is in; name another stage`)
}

function checkPrevious(rule: Rule, parts: DefinitionParts, report: Report): void {
  const path = [...rule.path, 'to']
  const active = stagesOfKind(parts, 'active')
  if (parts.complete.stages && active.length === 0) {
    report.error(path, 'to: previous is the last active stage of the actor, and no stage is of kind active; add one or name a stage')
  }
  const offending = stagesFrom(rule, parts).filter((stage) => active.includes(stage))
  if (offending.length > 0) {
    const named = offending.map((stage) => `"${stage}"`).join(', ')
    report.error(path, `to: previous cannot be reached from an active stage, and from names ${named}; name the stage it should lead to`)
  }
}

function checkTrigger(rule: Rule, parts: DefinitionParts, report: Report): void {
  const signals = namesOf(parts.signals)
  for (const { name, path } of located(rule.fields.trigger, [...rule.path, 'trigger'])) {
    if (name === 'absence') checkAbsenceTrigger(rule, path, parts, report)
    else if (name !== 'any' && !signals.includes(name) && parts.namesKnown.signals) {
      report.error(path, `trigger: there is no signal "${name}"${suggestion(name, [...signals, 'any', 'absence'], 'signals')}`)
    }
  }
}

function checkAbsenceTrigger(rule: Rule, path: readonly (string | number)[], parts: DefinitionParts, report: Report): void {
  for (const from of stagesFrom(rule, parts)) {
    const stage = parts.stages.find(({ name }) => name === from)
    if (from === START) report.error(path, 'trigger: start has no absence, since its actors have no events yet; name a signal')
    else if (stage?.fields.kind === 'lapsed')
      report.error(path, `trigger: the stage "${from}" is lapsed and has no absence; use after, or leave "${from}" out of from`)
    else if (stage?.complete && stage.fields.absence === undefined)
      report.error(path, `trigger: the stage "${from}" has no absence; give it one or leave "${from}" out of from`)
  }
}

function checkTriggerOrAfter(rule: Rule, parts: DefinitionParts, report: Report): void {
  const { after, trigger } = rule.fields
  const path = [...rule.path, 'after']
  if (after !== undefined && parseDuration(after) === 0) report.error(path, 'after: expected a duration above 0')
  if (after !== undefined && trigger !== undefined) report.error(path, 'after: a rule has a trigger or after, not both; make it two rules', 'key')
  if (rule.complete && trigger === undefined) checkWithoutTrigger(rule, parts, report)
}

function checkWithoutTrigger(rule: Rule, parts: DefinitionParts, report: Report): void {
  const { after, when } = rule.fields
  if (after === undefined && when === undefined) {
    report.error(rule.path, `the rule "${rule.name}" has no trigger, no after and no when, so it would always hold; add one of them`)
  } else if (stagesFrom(rule, parts).includes(START)) {
    report.error([...rule.path, 'from'], `from: the rule "${rule.name}" leads out of start and needs a trigger: only a signal starts a cycle`, 'key')
  }
}
