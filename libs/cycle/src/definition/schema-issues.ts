import { cycleDefinitionSchema, measureKindNames, measurePathKeys, measureSignalKeys } from '#contracts'
import type { Path } from './defect.ts'
import { nearestName, suggestion } from './nearest-name.ts'
import type { Spot } from './report.ts'

/** A defect that the schema finds, at the place of the value, even inside a union of forms. */
export interface SchemaIssue {
  readonly path: Path
  readonly at: Spot
  readonly message: string
}

// The types of zod's own issues, which it does not export for a schema.
type Parse = typeof cycleDefinitionSchema.safeParse
type Issue = NonNullable<ReturnType<Parse>['error']>['issues'][number]
type UnionIssue = Extract<Issue, { code: 'invalid_union' }>
type RawIssue = Parameters<Extract<NonNullable<Parameters<Parse>[1]>['error'], (...args: never[]) => unknown>>[0]

/** The forms that a value may have, by key, for values that may have several. */
const FORMS: Readonly<Record<string, string>> = {
  absence: 'a duration such as 30d, or { usual: 0.95, floor: 3d, ceiling: 60d }',
  event: 'an event name or a list of event names',
  actor: 'a name such as user, or { type: musician, id: properties.artistId }',
  id: 'a path such as properties.artistId, or a list of paths',
  ...Object.fromEntries(['from', 'trigger', ...measureSignalKeys].map((key) => [key, 'a name or a list of names'])),
  ...Object.fromEntries(['gt', 'gte', 'lt', 'lte'].map((key) => [key, 'a number or text'])),
  ...Object.fromEntries(['eq', 'ne', 'in'].map((key) => [key, 'text, a number, true, false or null'])),
}

/** The expected value of a missing key, for keys whose type alone does not explain it. */
const EXPECTED_IF_MISSING: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['floor', 'ceiling'].map((key) => [key, 'expected a duration such as 30d'])),
  ...Object.fromEntries(measurePathKeys.map((key) => [key, 'expected a path such as properties.total'])),
  'actor.id': 'expected a path such as properties.artistId, or a list of paths',
  ...Object.fromEntries(['cycle', 'id', 'actor', 'type'].map((key) => [key, 'expected a name'])),
  at: 'expected a time such as 2026-01-31T12:00:00Z',
  to: 'expected a stage, or previous',
}

/** The names of types in messages. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** Without inherited properties: a key of a definition may be named `constructor` or `toString`. */
function ownText(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined
}

/** Every defect that the schema of definitions finds in a value. */
export function schemaIssues(value: unknown): readonly SchemaIssue[] {
  const result = cycleDefinitionSchema.safeParse(value, { error: expectation })
  return result.success ? [] : result.error.issues.flatMap((issue) => issuesOf(issue, [], value))
}

/** What was expected, in words. For unknown keys the message is the list of known keys, because the issue does not contain them. */
function expectation(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${ownText(TYPES, issue.expected as string) ?? issue.expected}`
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      return tooSmall(issue.origin, issue.inclusive === true, issue.minimum)
    case 'too_big':
      return tooBig(issue.origin, issue.inclusive === true, issue.maximum)
    case 'unrecognized_keys':
      return Object.keys((issue.inst as unknown as { shape: object }).shape).join(' ')
    default:
      return undefined
  }
}

function tooSmall(origin: string, inclusive: boolean, minimum: unknown): string {
  // Lists and texts have no other minimum than 1.
  if (origin === 'array') return 'expected at least one entry'
  return origin === 'string' ? 'expected text that is not empty' : `expected ${inclusive ? 'at least' : 'more than'} ${minimum}`
}

function tooBig(origin: string, inclusive: boolean, maximum: unknown): string {
  return `expected ${inclusive ? 'at most' : 'less than'} ${maximum}${origin === 'array' ? ' entries' : ''}`
}

function issuesOf(issue: Issue, base: Path, root: unknown): readonly SchemaIssue[] {
  const path = [...base, ...(issue.path as (string | number)[])]
  const value = valueAt(root, path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.message.split(' '), path, value))
  if (issue.code === 'invalid_key') return [{ path, at: 'key', message: `"${path.at(-1)}": ${issue.issues.map(({ message }) => message).join()}` }]
  if (issue.code === 'invalid_union') return issuesOfUnion(issue, path, root)
  const near = issue.code === 'invalid_value' && typeof value === 'string' ? nearestName(value, issue.values.map(String)) : undefined
  return [unexpected(path, value, issue.message, near)]
}

/** Keys of durations; a number without a unit is a frequent mistake. */
const DURATIONS: ReadonlySet<string> = new Set(['grace', 'dedupe', 'within', 'buckets', 'after', 'absence', 'floor', 'ceiling'])

function unexpected(path: Path, value: unknown, expected: string, near?: string): SchemaIssue {
  if (value === undefined && path.length > 0)
    return { path, at: 'value', message: `the key "${path.at(-1)}" is missing: ${expectedIfMissing(path) ?? expected}` }
  const amount = DURATIONS.has(String(path.at(-1))) && /^\d{1,9}$/.test(String(value)) ? String(value) : undefined
  if (amount !== undefined)
    return {
      path,
      at: 'value',
      message: `${label(path)}expected a duration with its unit, such as ${amount}d, ${amount}h, ${amount}m or ${amount}s, got ${shortText(value)}`,
    }
  return { path, at: 'value', message: `${label(path)}${expected}, got ${shortText(value)}${near === undefined ? '' : `; did you mean "${near}"?`}` }
}

const expectedIfMissing = (path: Path): string | undefined => ownText(EXPECTED_IF_MISSING, path.join('.')) ?? ownText(EXPECTED_IF_MISSING, String(path.at(-1)))

/** Chooses the form that the author meant: the one that has the type (text, list, map) of the value, and then the fewest defects. */
function issuesOfUnion(issue: UnionIssue, path: Path, root: unknown): readonly SchemaIssue[] {
  const value = valueAt(root, path)
  if (path[0] === 'measures' && path.length === 2)
    return isMap(value) ? issuesOfMeasure(issue, path, value, root) : [unexpected(path, value, 'expected a map such as { count: purchase, within: 90d }')]
  const branches: readonly Issue[][] = issue.errors
  const fitting = branches.filter(
    (branch) => !branch.some((inner) => inner.path.length === 0 && (inner.code === 'invalid_type' || inner.code === 'invalid_union')),
  )
  const [meant] = fitting.toSorted((a, b) => a.length - b.length || branches.indexOf(b) - branches.indexOf(a))
  if (meant !== undefined) return meant.flatMap((inner) => issuesOf(inner, path, root))
  const expected = `expected ${ownText(FORMS, String(path.findLast((step) => typeof step === 'string'))) ?? 'a value or a map of operators such as { gte: 3 }'}`
  return [unexpected(path, value, expected)]
}

function issuesOfMeasure(issue: UnionIssue, path: Path, value: Readonly<Record<string, unknown>>, root: unknown): readonly SchemaIssue[] {
  const kinds = measureKindNames.filter((kind) => Object.hasOwn(value, kind))
  const [kind] = kinds
  if (kinds.length > 1) return [{ path, at: 'key', message: `the measure "${path[1]}" is both ${kinds.join(' and ')}; expected exactly one` }]
  if (kind !== undefined) return (issue.errors[measureKindNames.indexOf(kind)] ?? []).flatMap((inner) => issuesOf(inner, path, root))
  const intended = Object.keys(value)
    .map((key) => nearestName(key, measureKindNames))
    .find((near) => near !== undefined)
  return [
    {
      path,
      at: 'key',
      message: `the measure "${path[1]}" has no kind: expected one of ${measureKindNames.join(', ')}${intended ? `; did you mean "${intended}"?` : ''}`,
    },
  ]
}

function unknownKey(key: string, known: readonly string[], path: Path, parent: unknown): SchemaIssue {
  const windowless = key === 'within' && measureKindNames.find((kind) => isMap(parent) && Object.hasOwn(parent, kind))
  const message = windowless ? `a ${windowless} has no window: leave out "within"` : `unknown key "${key}"${suggestion(key, known, 'keys here')}`
  return { path: [...path, key], at: 'key', message }
}

/** The innermost key of a path, to begin a message with. */
function label(path: Path): string {
  const key = path.findLast((step) => typeof step === 'string')
  return key === undefined ? '' : `${key}: `
}

/** The value at a path; undefined if there is none. Inherited properties are not followed. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined,
    root,
  )
}

/** Whether a value is a map of YAML. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shortText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isMap(value)) return 'a map'
  if (value === null || value === undefined) return 'nothing'
  const text = typeof value === 'string' ? JSON.stringify(value) : `${typeof value === 'number' ? 'the number ' : ''}${value}`
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
