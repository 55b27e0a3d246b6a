import type { FeedPage } from './transition-feed.ts'

/** The parts of Fastify's request and reply that are used here. */
export interface PageRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
/** The parts of Fastify's reply that an answer with a page of the feed needs. */
export interface PageReply {
  readonly raw: { once(event: 'close', listener: () => void): unknown }
  header(name: string, value: string): unknown
}

const NDJSON = 'application/x-ndjson'

/**
 * A page of the feed in the form that the request accepts: JSON `{items, next}`, or NDJSON, one record a line with `next` in the header
 * rondo-next. The page is no longer wanted when the client has closed the connection.
 */
export async function answerPage(request: PageRequest, reply: PageReply, read: (unwanted: AbortSignal) => Promise<FeedPage>): Promise<string> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const { items, next } = await read(gone.signal)
  const isNdjson = String(request.headers['accept'] ?? '').includes(NDJSON)
  reply.header('content-type', isNdjson ? `${NDJSON}; charset=utf-8` : 'application/json; charset=utf-8')
  reply.header('vary', 'accept')
  reply.header('rondo-next', String(next))
  return isNdjson ? items.map((item) => `${item}\n`).join('') : `{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`
}
