import { compilePattern } from '../../compile/compile-signal.ts'
import { type DefinitionParts, located } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathDefect } from '../subject-path.ts'
import { checkCondition } from './conditions.ts'
import { excludeEachOther } from './exclusion.ts'

/** The name of the event that an `identify` call becomes. */
const IDENTIFIED = 'Identified'

/** Many programs identify their user at each start. If that counts as activity, the user is never absent. */
function warnAboutIdentify({ fields: { event, where }, path }: Pick<DefinitionParts['signals'][number], 'fields' | 'path'>, report: Report): void {
  for (const { name, path: at } of located(event, [...path, 'event'])) {
    if (!name.includes('*') || !compilePattern(name)(IDENTIFIED) || excludeEachOther(where, { event: IDENTIFIED })) continue
    report.warning(
      at,
      `event: "${name}" also matches the event "${IDENTIFIED}", which is made of identify calls: if a program sends them by itself, its actors are never absent; exclude them with where: { event: { ne: ${IDENTIFIED} } }`,
    )
  }
}

/** Checks the paths and conditions of each signal. */
export function checkSignals(parts: DefinitionParts, report: Report): void {
  const hasAbsence = parts.stages.some(({ fields }) => fields.absence !== undefined)
  for (const { fields, path } of parts.signals) {
    const defect = fields.need === undefined ? undefined : pathDefect(fields.need)
    if (defect !== undefined) report.error([...path, 'need'], `need: ${defect}`)
    if (fields.where !== undefined) checkCondition(fields.where, [...path, 'where'], { parts, report, clause: 'where' })
    if (hasAbsence) warnAboutIdentify({ fields, path }, report)
  }
}
