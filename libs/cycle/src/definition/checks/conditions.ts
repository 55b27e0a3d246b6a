import { RE2JS } from 're2js'
import { type Condition, definitionLimits, type MeasureDefinition, type Operators } from '#contracts'
import { kindOf } from '../../measures/measure-kinds.ts'
import type { Path } from '../defect.ts'
import { nearestName, suggestion } from '../nearest-name.ts'
import { type DefinitionParts, namesOf } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathDefect } from '../subject-path.ts'

/** `{subject: operators}` with its place. A value without operator is the shorthand of `eq`. */
export interface Comparison {
  readonly subject: string
  readonly operators: Operators
  readonly shorthand: boolean
  readonly path: Path
}

/** Where a condition is, and where its defects are reported. */
interface Context {
  readonly parts: DefinitionParts
  readonly report: Report
  /** The conditions of a signal (`where`) read only the event, those of a rule (`when`) also measures. */
  readonly clause: 'where' | 'when'
}

const ORDERS = ['gt', 'gte', 'lt', 'lte'] as const
/** The limit of characters of a pattern. */
const PATTERN_MAX = 1000

/** Checks the conditions of rules, and the number of conditions on events: each is a bit of a compact event, and the bits are limited. */
export function checkRuleConditions(parts: DefinitionParts, report: Report): void {
  const distinct = new Set<string>()
  for (const { fields, path } of parts.rules) {
    if (fields.when === undefined) continue
    checkCondition(fields.when, [...path, 'when'], { parts, report, clause: 'when' })
    for (const { subject, operators, shorthand, path: at } of comparisonsOf(fields.when, [...path, 'when'])) {
      if (!isEventPath(subject)) continue
      const before = distinct.size
      distinct.add(JSON.stringify([subject, shorthand ? operators.eq : operators]))
      if (distinct.size > before && distinct.size === definitionLimits.eventConditions + 1)
        report.error(
          at,
          `too many different conditions on events in rules: expected at most ${definitionLimits.eventConditions}; put them into the where of signals`,
          'key',
        )
    }
  }
}

/** Checks the subjects, types and patterns of a condition and of all conditions inside it. */
export function checkCondition(condition: Condition, path: Path, context: Context): void {
  for (const at of emptyMaps(condition, path)) context.report.warning(at, 'an empty condition always holds; leave it out or add a comparison')
  for (const comparison of comparisonsOf(condition, path)) {
    checkSubject(comparison, context)
    checkTypes(comparison, context)
    checkPattern(comparison, context)
  }
}

/** Every comparison in a condition, at any depth. */
export function comparisonsOf(condition: Condition, path: Path): readonly Comparison[] {
  return Object.entries(condition).flatMap(([key, value]) => {
    const at = [...path, key]
    if (value === undefined) return []
    if (key === 'all' || key === 'any') return (value as Condition[]).flatMap((inner, index) => comparisonsOf(inner, [...at, index]))
    if (key === 'not') return comparisonsOf(value as Condition, at)
    const shorthand = typeof value !== 'object' || value === null
    return [{ subject: key, operators: (shorthand ? { eq: value } : value) as Operators, shorthand, path: at }]
  })
}

/** The measures and paths that a condition names. */
export function subjectsOf(condition: Condition): readonly string[] {
  return comparisonsOf(condition, []).map(({ subject }) => subject)
}

/** The paths of the event that a condition names. */
export function eventPaths(condition: Condition): readonly string[] {
  return subjectsOf(condition).filter(isEventPath)
}

function isEventPath(subject: string): boolean {
  return subject === 'event' || subject.includes('.')
}

/** The places of empty conditions, at any depth. */
function emptyMaps(condition: Condition, path: Path): readonly Path[] {
  if (Object.keys(condition).length === 0) return [path]
  return Object.entries(condition).flatMap(([key, value]) => {
    if (typeof value !== 'object' || value === null) return []
    if (!Array.isArray(value)) return emptyMaps(value as Condition, [...path, key])
    return key === 'all' || key === 'any' ? value.flatMap((inner, index) => emptyMaps(inner, [...path, key, index])) : []
  })
}

function checkSubject({ subject, path }: Comparison, { parts, report, clause }: Context): void {
  const measures = namesOf(parts.measures)
  if (measures.includes(subject)) {
    if (clause === 'where') report.error(path, `where: a signal sees only the event, and "${subject}" is a measure; use it in the when of a rule`, 'key')
    return
  }
  if (isEventPath(subject)) {
    const defect = pathDefect(subject)
    if (defect !== undefined) report.error(path, `${clause}: ${defect}`, 'key')
  } else if (clause === 'where') {
    const near = nearestName(subject, ['all', 'any', 'not', 'event'])
    report.error(path, `where: ${pathDefect(subject) ?? ''}${near === undefined ? '' : `; did you mean "${near}"?`}`, 'key')
  } else if (parts.namesKnown.measures) {
    // If the section of measures has a defect itself, its names are not known.
    report.error(
      path,
      `when: there is no measure "${subject}"${suggestion(subject, [...measures, 'all', 'any', 'not', 'event'], 'measures and keywords of a condition')}`,
      'key',
    )
  }
}

/** Values are not converted (rule 15): a comparison with a value of another type than its subject's never holds. */
function checkTypes({ subject, operators, shorthand, path }: Comparison, { parts, report }: Context): void {
  const pathOf = (key: string): Path => (shorthand ? path : [...path, key])
  const orders = ORDERS.filter((key) => operators[key] !== undefined)
  const [first] = orders
  const mixed = orders.find((key) => first !== undefined && typeof operators[key] !== typeof operators[first])
  if (mixed !== undefined && first !== undefined) {
    const [one, other] = [typeName(operators[mixed]), typeName(operators[first])]
    report.error(pathOf(mixed), `${mixed}: compares with ${one} where ${first} compares with ${other}; no value has both types`)
    return
  }
  const type = subjectType(subject, parts)
  for (const key of ['eq', 'ne', 'in', ...ORDERS] as const) {
    const values = key === 'in' ? (operators.in ?? []) : [operators[key]]
    for (const value of values) checkType(value, { type, subject, key, label: shorthand ? '' : `${key}: `, path: pathOf(key) }, report)
  }
  if (operators.matches !== undefined && type === 'number')
    report.error(pathOf('matches'), `matches: "${subject}" is a number, and a pattern matches only text`)
}

/** The type that a value should have, and where the value is. */
interface Expected {
  readonly type: 'number' | 'string' | undefined
  readonly subject: string
  readonly key: string
  /** The operator and a colon; empty for the shorthand. */
  readonly label: string
  readonly path: Path
}

function checkType(value: unknown, { type, subject, key, label, path }: Expected, report: Report): void {
  if (value === undefined) return
  if (value === null) {
    if (key !== 'ne') report.warning(path, `${label}nothing equals null, not even a missing value; write { exists: false }`)
  } else if (type !== undefined && typeof value !== type) {
    const expected = type === 'number' ? 'a number' : 'text'
    const outcome = `${key === 'ne' ? 'always' : 'never'} holds; expected ${expected}, got ${JSON.stringify(value)}`
    const message = `${label}"${subject}" is ${expected}, so comparing it with ${typeName(value)} ${outcome}`
    // Equality is defined between any two values; order only between two numbers or two texts.
    if (isOrder(key)) report.error(path, message)
    else report.warning(path, message)
  }
}

function isOrder(key: string): boolean {
  return ORDERS.some((order) => order === key)
}

function subjectType(subject: string, parts: DefinitionParts): Expected['type'] {
  if (subject === 'event') return 'string'
  const measure = parts.measures.find(({ name }) => name === subject)
  return measure?.complete && kindOf(measure.fields as MeasureDefinition).isNumber ? 'number' : undefined
}

function typeName(value: unknown): string {
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'a number' : String(value)
}

function checkPattern({ operators: { matches }, path }: Comparison, { report }: Context): void {
  if (matches === undefined) return
  const at = [...path, 'matches']
  try {
    if (matches.length > PATTERN_MAX) report.error(at, `matches: expected a pattern of at most ${PATTERN_MAX} characters`)
    else RE2JS.compile(matches)
  } catch (error) {
    // RE2 has no lookaround and no back references; therefore its time is linear.
    report.error(at, `matches: ${JSON.stringify(matches)} is not an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`)
  }
}
