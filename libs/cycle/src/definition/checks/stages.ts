import { parseDuration, type StageDefinition } from '#contracts'
import type { DefinitionParts, Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { rulesResolve, stagesFrom, triggersOf } from '../stage-graph.ts'

const DAY_MS = 86_400_000

/** Checks the absence and the warning of each stage, and that a rule uses its absence. */
export function checkStages(parts: DefinitionParts, report: Report): void {
  for (const stage of parts.stages) {
    checkAbsence(stage, report)
    if (stage.fields.kind === 'lapsed') checkLapsed(stage, report)
    else checkWarning(stage, report)
  }
  if (rulesResolve(parts)) checkAbsencesUsed(parts, report)
}

/** An absence that no rule names would have no effect. */
function checkAbsencesUsed(parts: DefinitionParts, report: Report): void {
  const used = new Set(parts.rules.filter((rule) => triggersOf(rule)?.includes('absence')).flatMap((rule) => stagesFrom(rule, parts)))
  for (const { fields, name = '', path } of parts.stages) {
    if (fields.absence === undefined || fields.kind === 'lapsed' || used.has(name)) continue
    const message = `absence: no rule of the stage "${name}" has trigger: absence; add { from: ${name}, trigger: absence, to: ... } or leave out the absence`
    report.error([...path, 'absence'], message, 'key')
  }
}

function checkWarning({ fields, name, path, complete }: Part<StageDefinition>, report: Report): void {
  if (fields.warning === undefined || fields.absence !== undefined || !complete) return
  report.error([...path, 'warning'], `warning: the stage "${name}" has no absence to warn about; add one or leave out the warning`, 'key')
}

function checkLapsed(stage: Part<StageDefinition>, report: Report): void {
  for (const key of ['absence', 'warning'] as const) {
    if (stage.fields[key] === undefined) continue
    report.error(
      [...stage.path, key],
      `${key}: the stage "${stage.name}" is lapsed and cannot have this key, since its actors are absent already; leave it out`,
      'key',
    )
  }
}

function checkAbsence({ fields: { absence }, path }: Part<StageDefinition>, report: Report): void {
  const at = [...path, 'absence']
  if (typeof absence === 'string') {
    if (parseDuration(absence) === 0) report.error(at, 'absence: expected a duration above 0')
    return
  }
  if (absence === undefined) return
  const [floor, ceiling] = [parseDuration(absence.floor) ?? 0, parseDuration(absence.ceiling) ?? 0]
  if (ceiling === 0) report.error([...at, 'ceiling'], 'ceiling: expected a duration above 0')
  else if (floor > ceiling) report.error([...at, 'floor'], `floor: the floor ${absence.floor} is above the ceiling ${absence.ceiling}; expected at most that`)
  else if (ceiling < DAY_MS)
    report.warning(
      [...at, 'ceiling'],
      `ceiling: gaps are counted in whole days, so the absence is always the ceiling ${absence.ceiling}; write absence: ${absence.ceiling}`,
    )
  else if (floor < DAY_MS)
    report.warning([...at, 'floor'], `floor: gaps are counted in whole days, so a floor of ${absence.floor} never matters; expected at least 1d`)
}
