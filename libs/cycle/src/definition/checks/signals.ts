import type { DefinitionParts } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathFault } from '../subject-path.ts'
import { checkCondition } from './conditions.ts'

/** Paths and conditions of each signal. */
export function checkSignals(parts: DefinitionParts, report: Report): void {
  for (const { fields, path } of parts.signals) {
    const fault = fields.need === undefined ? undefined : pathFault(fields.need)
    if (fault !== undefined) report.error([...path, 'need'], `need: ${fault}`)
    if (fields.where !== undefined) checkCondition(fields.where, [...path, 'where'], { parts, report, place: 'where' })
  }
}
