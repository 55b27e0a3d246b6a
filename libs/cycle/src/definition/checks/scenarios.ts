import { formatInstant, parseInstant, type Scenario } from '#contracts'
import type { Path } from '../defect.ts'
import { suggestion } from '../nearest-name.ts'
import { type DefinitionParts, namesOf, type Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { START } from '../stage-graph.ts'

/** An event's time may be at most this far ahead of its arrival, because clocks differ (rule 1). */
const AHEAD_MAX_MS = 300_000

/** Checks the times and names in the scenarios of a definition. */
export function checkScenarios(parts: DefinitionParts, report: Report): void {
  for (const scenario of parts.scenarios) {
    checkGiven(scenario, report)
    checkThen(scenario, parts, report)
  }
}

function checkGiven({ fields, path }: Part<Scenario>, report: Report): void {
  // Unreadable entries are holes in the list; Object.entries skips them.
  for (const [index, given] of Object.entries(fields.given ?? [])) {
    const at = [...path, 'given', Number(index)]
    const time = checkTime('at', given.at, at, report)
    if (!('arrives' in given) || given.arrives === undefined) continue
    const arrival = checkTime('arrives', given.arrives, at, report)
    if (time === undefined || arrival === undefined || time <= arrival + AHEAD_MAX_MS) continue
    report.error([...at, 'arrives'], `arrives: ${formatInstant(arrival)} is more than 5 min before the event happened; such an event is refused`)
  }
}

function checkThen({ fields, path }: Part<Scenario>, parts: DefinitionParts, report: Report): void {
  const [stages, rules] = [namesOf(parts.stages), namesOf(parts.rules)]
  for (const [index, line] of Object.entries(fields.then ?? [])) {
    const at = [...path, 'then', Number(index)]
    checkTime('at', line.at, at, report)
    const unknown = (key: 'to' | 'from' | 'rule', known: readonly string[], noun: string): void => {
      const name = line[key]
      if (name === undefined || known.includes(name)) return
      report.error([...at, key], `${key}: there is no ${noun} "${name}"${suggestion(name, known, `${noun}s`)}`)
    }
    if (parts.namesKnown.stages) unknown('to', stages, 'stage')
    if (parts.namesKnown.stages) unknown('from', [...stages, START], 'stage')
    if (parts.namesKnown.transitions) unknown('rule', rules, 'rule')
  }
}

function checkTime(key: string, text: string | undefined, path: Path, report: Report): number | undefined {
  if (text === undefined) return undefined
  const time = parseInstant(text)
  if (time === undefined)
    report.error([...path, key], `${key}: expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z, got ${JSON.stringify(text)}`)
  return time
}
