import type { CycleDefinition } from '#contracts'
import { checkAddressing } from './checks/addressing.ts'
import { checkRuleConditions } from './checks/conditions.ts'
import { checkMeasures } from './checks/measures.ts'
import { checkNames } from './checks/names.ts'
import { checkOverlappingRules } from './checks/overlapping-rules.ts'
import { checkReachability } from './checks/reachability.ts'
import { checkRules } from './checks/rules.ts'
import { checkScenarios } from './checks/scenarios.ts'
import { checkSignals } from './checks/signals.ts'
import { checkStages } from './checks/stages.ts'
import { checkTimeZone } from './checks/time-zone.ts'
import { checkUnused } from './checks/unused.ts'
import type { Defect } from './defect.ts'
import { definitionParts } from './parts.ts'
import { schemaIssues } from './schema-issues.ts'
import { readYaml } from './yaml-source.ts'

/** The result of reading a definition. `definition` is undefined if there is an error; warnings alone do no harm. */
export interface DefinitionReading {
  readonly definition: CycleDefinition | undefined
  /** Errors and warnings, in the order of the file. */
  readonly defects: readonly Defect[]
}

const CHECKS = [
  checkTimeZone,
  checkAddressing,
  checkNames,
  checkStages,
  checkSignals,
  checkMeasures,
  checkRules,
  checkRuleConditions,
  checkScenarios,
  checkReachability,
  checkOverlappingRules,
  checkUnused,
]

/**
 * Reads and checks a cycle definition in YAML or JSON. Reports all defects at once, each with its place in the text.
 * A defect that only follows from another one (a name in an unreadable list) is not reported; its cause is. Never throws.
 * @param file the name of the text in the defects; no file is read
 */
export function readDefinition(text: string, file: string): DefinitionReading {
  const { value, readable, report } = readYaml(text, file)
  if (readable) {
    const issues = schemaIssues(value)
    for (const issue of issues) report.error(issue.path, issue.message, issue.at)
    const parts = definitionParts(value, issues)
    for (const check of CHECKS) check(parts, report)
  }
  const defects = report.defects()
  const hasErrors = defects.some((defect) => defect.severity === 'error')
  return { definition: hasErrors ? undefined : (value as CycleDefinition), defects }
}
