import type { DefinitionParts } from '../parts.ts'
import type { Report } from '../report.ts'
import { isImmediate, rulesResolve, START, stagesFrom, stagesOfKind, stagesTo } from '../stage-graph.ts'

/** The stages that each stage leads to. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Checks for unreachable stages, stages without a way out, and circles of immediate rules. */
export function checkReachability(parts: DefinitionParts, report: Report): void {
  if (!rulesResolve(parts)) return
  checkUnreachable(parts, report)
  for (const stage of parts.stages) {
    const hasExit = parts.rules.some((rule) => stagesFrom(rule, parts).includes(stage.name ?? '') && stagesTo(rule, parts).some((to) => to !== stage.name))
    if (!hasExit) report.warning(stage.namePath, `no rule leads out of the stage "${stage.name}"; its actors stay there for ever`)
  }
  checkCircles(parts, report)
}

function checkUnreachable(parts: DefinitionParts, report: Report): void {
  const steps = graphOf(parts, parts.rules)
  if (!steps.has(START)) {
    report.error(['transitions'], 'no rule leads out of start, so no stage is ever reached; add one with from: start and a trigger', 'key')
    return
  }
  const reached = reachableFrom(START, steps)
  for (const stage of parts.stages) {
    if (stage.name !== undefined && !reached.has(stage.name))
      report.error(stage.namePath, `the stage "${stage.name}" is unreachable: no path of rules leads from start to it; add a rule or leave the stage out`)
  }
}

/** Measures do not change between the steps of a chain, so a circle of immediate rules may lead an actor round at one instant. */
function checkCircles(parts: DefinitionParts, report: Report): void {
  const immediate = parts.rules.filter(isImmediate)
  const steps = graphOf(parts, immediate)
  const reported = new Set<string>()
  for (const rule of immediate) {
    const from = stagesFrom(rule, parts).find((stage) => !reported.has(stage) && circleThrough(stage, steps) !== undefined)
    const circle = from === undefined ? undefined : circleThrough(from, steps)
    if (circle === undefined) continue
    for (const stage of circle) reported.add(stage)
    report.warning(
      rule.path,
      `rules without trigger and after lead in a circle: ${circle.join(' -> ')}; a stage is entered only once at one instant, so make sure that not all of them can hold together`,
    )
  }
}

/** The shortest path from a stage back to itself. */
function circleThrough(stage: string, steps: Graph): readonly string[] | undefined {
  const before = new Map<string, string>()
  const queue = [stage]
  for (const current of queue) {
    for (const next of steps.get(current) ?? []) {
      if (next === stage) return backtrack(current, before, stage)
      if (before.has(next)) continue
      before.set(next, current)
      queue.push(next)
    }
  }
  return undefined
}

function backtrack(last: string, before: ReadonlyMap<string, string>, stage: string): readonly string[] {
  const way = [stage]
  for (let current: string | undefined = last; current !== undefined && current !== stage; current = before.get(current)) way.unshift(current)
  return [stage, ...way]
}

function graphOf(parts: DefinitionParts, rules: DefinitionParts['rules']): Graph {
  const graph = new Map<string, ReadonlySet<string>>()
  for (const rule of rules) {
    // `previous` leads to a stage where the actor was before, which adds no path, or to the first active stage.
    const targets = rule.fields.to === 'previous' ? stagesOfKind(parts, 'active').slice(0, 1) : stagesTo(rule, parts)
    for (const from of stagesFrom(rule, parts)) {
      const reached: ReadonlySet<string> = graph.get(from) ?? new Set<string>()
      graph.set(from, reached.union(new Set(targets.filter((to) => to !== from))))
    }
  }
  return graph
}

function reachableFrom(start: string, steps: Graph): ReadonlySet<string> {
  const reached = new Set([start])
  for (const stage of reached) for (const next of steps.get(stage) ?? []) reached.add(next)
  return reached
}
