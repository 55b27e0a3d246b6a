import type { z } from 'zod'

/** The names of types in messages. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['object', 'an object'],
  ['record', 'an object'],
  ['array', 'a list'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
])

/** What a schema expects, in the words of all other messages. It is the `error` of a parse, for schemas without a message of their own. */
export const plainExpectation: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES.get(issue.expected) ?? issue.expected}${lackOf(issue.input)}`
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}${lackOf(issue.input)}`
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${amountOf(issue.minimum, issue.origin)}`
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${amountOf(issue.maximum, issue.origin)}`
    case 'unrecognized_keys':
      return `${issue.keys.join(', ')}: there is no such field`
    default:
      return undefined
  }
}

function lackOf(input: unknown): string {
  return input === undefined ? ', found nothing' : ''
}

function amountOf(count: number | bigint, origin: string): string {
  if (origin === 'string') return `${count} ${count === 1 ? 'character' : 'characters'}`
  if (origin === 'array') return `${count} ${count === 1 ? 'entry' : 'entries'}`
  return String(count)
}
