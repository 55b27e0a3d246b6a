import { createHash } from 'node:crypto'
import { z } from 'zod'
import { csvOf } from './csv-text.ts'
import type { Freshness } from './freshness.ts'

const [JSON_TYPE, CSV, NDJSON] = ['application/json', 'text/csv', 'application/x-ndjson'] as const

/** An answer with numbers, and the cursor of the next part if it is part of a list. */
interface FreshAnswer {
  readonly asOf: Freshness
  readonly next?: string | null
}
/** An answer with a list. */
interface ListAnswer extends FreshAnswer {
  readonly items: readonly object[]
}

/** The part of Fastify's request that is used here. */
export interface FormatRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
/** The parts of Fastify's reply that are used here. */
export interface FormatReply {
  header(name: string, value: string): unknown
  status(code: number): unknown
}

/** The forms of an answer with a list, for the description of its route. */
export const listContent = (answer: z.ZodType) => ({ [JSON_TYPE]: answer, [CSV]: z.string(), [NDJSON]: z.string() })
/** Its other answers. */
export const listOthers = { 304: null } as const

/**
 * Sends an answer in the form that the request accepts: JSON, or its items as CSV (members of members in columns with dots) or NDJSON, with the next cursor
 * in the header rondo-next. A client that has the same numbers already (`if-none-match`) gets 304; how fresh they are is in the header rondo-as-of in
 * both cases, because log time moves on while numbers stay.
 * @param rows what the items are, in an answer that does not call them so
 */
export async function answerIn<Answer extends FreshAnswer>(
  ...[request, reply, read, rows = itemsOf]: [
    request: FormatRequest,
    reply: FormatReply,
    read: Promise<Answer>,
    ...rows: Answer extends ListAnswer ? [] : [rows: (answer: Answer) => readonly object[]],
  ]
): Promise<string | undefined> {
  const answer = await read
  const { asOf, ...numbers } = answer
  const type = typeOf(request)
  const tag = tagOf(`${type}\n${JSON.stringify(numbers)}`)
  reply.header('vary', 'accept')
  reply.header('etag', tag)
  if (asOf.logTime !== null) reply.header('rondo-as-of', asOf.logTime)
  if (answer.next !== undefined && answer.next !== null) reply.header('rondo-next', answer.next)
  if (isKnown(request, tag)) {
    reply.status(304)
    return undefined
  }
  reply.header('content-type', `${type}; charset=utf-8`)
  if (type === CSV) return csvOf(rows(answer))
  return type === NDJSON
    ? rows(answer)
        .map((item) => `${JSON.stringify(item)}\n`)
        .join('')
    : JSON.stringify(answer)
}

function itemsOf(answer: object): readonly object[] {
  return (answer as ListAnswer).items
}

/** Weak: the bytes may differ in the freshness. */
function tagOf(text: string): string {
  return `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
}

/** The form that the request names first; JSON if it names none. */
function typeOf({ headers }: FormatRequest): string {
  const named = String(headers['accept'] ?? '').split(',')
  const types = named.map((one) => one.split(';', 1)[0]?.trim().toLowerCase())
  return types.find((type) => type === JSON_TYPE || type === CSV || type === NDJSON) ?? JSON_TYPE
}

function isKnown({ headers }: FormatRequest, tag: string): boolean {
  const known = String(headers['if-none-match'] ?? '')
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag.slice('W/'.length))
}
