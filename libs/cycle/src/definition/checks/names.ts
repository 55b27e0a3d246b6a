import { definitionLimits } from '#contracts'
import { type DefinitionParts, type Part } from '../parts.ts'
import type { Report } from '../report.ts'

/** Words that rules and conditions already give a meaning (rule 12). */
const RESERVED = new Set(['any', 'all', 'not', 'event', 'absence', 'start', 'previous', 'active', 'returned', 'lapsed'])

/** Reports reserved names, duplicate names, and too many signals or measures. */
export function checkNames(parts: DefinitionParts, report: Report): void {
  checkDuplicates(parts.stages, 'stage', report)
  checkDuplicates(parts.rules, 'transition', report)
  checkDuplicates(parts.scenarios, 'scenario', report)
  checkReserved(parts.stages, 'stage', report)
  checkReserved(parts.signals, 'signal', report)
  checkReserved(parts.measures, 'measure', report)
  checkReserved(parts.rules, 'rule', report)
  checkCauses(parts, report)
  for (const sort of ['signals', 'measures'] as const) {
    const extra = parts[sort][definitionLimits[sort]]
    if (extra !== undefined) report.error(extra.path, `too many ${sort}: expected at most ${definitionLimits[sort]}, got ${parts[sort].length}`, 'key')
  }
  if (parts.complete.signals && parts.signals.length === 0)
    report.error(['signals'], 'no signals: expected at least one, since only a signal can lead out of start')
}

function checkDuplicates(parts: readonly Part<unknown>[], noun: string, report: Report): void {
  const seen = new Set<string>()
  for (const { name, namePath } of parts) {
    if (name !== undefined && seen.has(name))
      report.error(namePath, `there are two ${noun}s "${name}"; give each its own ${noun === 'scenario' ? 'title' : 'id'}`)
    if (name !== undefined) seen.add(name)
  }
}

function checkReserved(parts: readonly Part<unknown>[], noun: string, report: Report): void {
  for (const { name, namePath } of parts) {
    if (name === undefined || !RESERVED.has(name)) continue
    report.error(namePath, `"${name}" is reserved and cannot name a ${noun}; choose another name`, noun === 'signal' || noun === 'measure' ? 'key' : 'value')
  }
}

/** Some reserved words are causes that Rondo gives by itself, such as `absence`; a cause of the same name would mean something else. */
function checkCauses(parts: DefinitionParts, report: Report): void {
  for (const { fields, path } of parts.rules) {
    const { cause } = fields
    if (cause === undefined || !RESERVED.has(cause)) continue
    report.error([...path, 'cause'], `cause: "${cause}" is reserved and cannot name a cause; choose another word, or leave it out`)
  }
}
