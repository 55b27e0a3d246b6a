import { RE2JS } from 're2js'
import type { ActivityEvent, Comparison, Condition, Operators } from '#contracts'
import { compareUtf8 } from './utf8-order.ts'

/** The value of a condition's subject: `undefined` and null both mean missing. */
export type Lookup = (subject: string) => unknown

/** The value at a path of an event: `event`, `properties.*`, `traits.*` or `context.*`. */
export function valueAt(event: ActivityEvent, path: string): unknown {
  if (path === 'event') return event.event
  const [root, ...steps] = path.split('.')
  if (root !== 'properties' && root !== 'traits' && root !== 'context') return undefined
  return steps.reduce<unknown>(stepInto, event[root])
}

function stepInto(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(step) ? value[Number(step)] : undefined
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
  return (value as Record<string, unknown>)[step]
}

/** Whether a condition holds: rule 15. A missing condition holds. */
export function holds(condition: Condition | undefined, lookup: Lookup): boolean {
  return Object.entries(condition ?? {}).every(([subject, wanted]) => {
    if (wanted === undefined) return true
    if (subject === 'all') return (wanted as Condition[]).every((part) => holds(part, lookup))
    if (subject === 'any') return (wanted as Condition[]).some((part) => holds(part, lookup))
    if (subject === 'not') return !holds(wanted as Condition, lookup)
    return compares(lookup(subject), wanted as Comparison)
  })
}

function compares(value: unknown, wanted: Comparison): boolean {
  const operators: Operators = typeof wanted === 'object' && wanted !== null ? wanted : { eq: wanted }
  return Object.entries(operators).every(([operator, operand]) => operand === undefined || satisfies(value, operator as keyof Operators, operand))
}

function satisfies(value: unknown, operator: keyof Operators, operand: unknown): boolean {
  const missing = value === undefined || value === null
  if (operator === 'exists') return operand === !missing
  if (operator === 'ne') return missing || value !== operand
  if (missing) return false
  switch (operator) {
    case 'eq':
      return value === operand
    case 'in':
      return (operand as unknown[]).includes(value)
    case 'matches':
      return typeof value === 'string' && RE2JS.compile(operand as string).matches(value)
    default:
      return isOrdered(value, operator, operand)
  }
}

function isOrdered(value: unknown, operator: 'gt' | 'gte' | 'lt' | 'lte', operand: unknown): boolean {
  let order: number
  if (typeof value === 'number' && typeof operand === 'number') order = value - operand
  else if (typeof value === 'string' && typeof operand === 'string') order = compareUtf8(value, operand)
  else return false
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[operator]
}

/** The measures and paths that a condition names. */
export function subjectsOf(condition: Condition | undefined): string[] {
  return Object.entries(condition ?? {}).flatMap(([subject, wanted]) => {
    if (subject === 'all' || subject === 'any') return (wanted as Condition[]).flatMap(subjectsOf)
    return subject === 'not' ? subjectsOf(wanted as Condition) : [subject]
  })
}
