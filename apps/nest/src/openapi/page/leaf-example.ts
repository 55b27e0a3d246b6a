import type { JsonSchema } from './json-schema.ts'

const TIME = '2026-01-31T12:00:00.000Z'
const ID = '9f86d081884c'
const NUMBER = 12

/** What stands for values of these names, so that examples read like answers; used where the schema allows it. */
export const known: Readonly<Record<string, unknown>> = {
  actor: 'user:u-17',
  app: 'serving',
  at: TIME,
  by: ID,
  cause: 'absence',
  code: 'RONDO_EVENT_INVALID',
  cycle: 'listener',
  dwellMs: 1_209_600_000,
  event: 'Track Played',
  from: 'engaged',
  from_stage: 'engaged',
  generation: 1,
  id: 'u-17',
  key: ID,
  name: 'Track Played',
  seq: 4,
  stage: 'engaged',
  source: 'web',
  target: 'disengaged',
  text: 'Hello',
  timezone: 'Europe/Amsterdam',
  title: 'Engaged',
  to: 'disengaged',
  type: 'user',
  value: 'NL',
  version: 3,
  zone: 'Europe/Amsterdam',
  until: TIME,
}

/** Texts of the forms that patterns ask for. The first that fits is taken. */
const texts: readonly string[] = [
  'text',
  ID,
  TIME,
  '2026-01-31',
  '14d',
  'https://shop.example',
  '0',
  '1',
  'a'.repeat(64),
  'Zk0aXk2vQ1mV7r9c3eT5hw',
  'RONDO_NOT_FOUND',
  'utf-8',
]

/** A value without parts. @param name of the value, which chooses among those that the schema allows */
export function leafExample(schema: JsonSchema, name: string): unknown {
  if (name in known && fits(schema, known[name])) return known[name]
  const [type = 'any'] = [schema.type ?? []].flat()
  return type === 'string' ? textOf(schema) : (others.get(type) ?? numberOf(schema))
}

const others: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['boolean', true],
  ['array', []],
  ['object', {}],
])

const textOf = (schema: JsonSchema): string => (schema.format === 'date-time' ? TIME : (texts.find((text) => fits(schema, text)) ?? ''))

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number

/** The allowed number that is nearest to the given one. */
function numberOf({ minimum = NEGATIVE_INFINITY, exclusiveMinimum = NEGATIVE_INFINITY, maximum = POSITIVE_INFINITY }: JsonSchema, near = NUMBER): number {
  return Math.min(Math.max(near, minimum, exclusiveMinimum + 1), maximum)
}

/** Whether a schema without parts allows a value. */
export function fits(schema: JsonSchema, value: unknown): boolean {
  const types = [schema.type ?? []].flat()
  if (typeof value === 'number') return types.includes('integer') && numberOf(schema, value) === value
  return typeof value === 'string' && types.includes('string') && fitsText(schema, value)
}

function fitsText({ pattern, format, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema, text: string): boolean {
  if (format === 'date-time') return text === TIME
  if (text.length < minLength || text.length > maxLength) return false
  return pattern === undefined || new RegExp(pattern, 'u').test(text)
}
