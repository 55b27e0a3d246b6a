import type { Socket } from 'node:net'
import type { FeedPage } from './transition-feed.ts'

/** The parts of Fastify's request and reply that are used here. */
export interface PageRequest {
  readonly raw: { readonly socket: Pick<Socket, 'once' | 'off' | 'readableEnded'> }
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
 * rondo-next. A client that has ended its side of the connection may have left, so its page is answered at once.
 */
export async function answerPage(request: PageRequest, reply: PageReply, read: (unwanted: AbortSignal) => Promise<FeedPage>): Promise<string> {
  const gone = new AbortController()
  const { socket } = request.raw
  const leave = (): void => gone.abort()
  if (socket.readableEnded) leave()
  socket.once('end', leave)
  reply.raw.once('close', leave)
  // The connection can serve many requests, also after one that is refused.
  const { items, next } = await read(gone.signal).finally(() => socket.off('end', leave))
  const isNdjson = String(request.headers['accept'] ?? '').includes(NDJSON)
  reply.header('content-type', isNdjson ? `${NDJSON}; charset=utf-8` : 'application/json; charset=utf-8')
  reply.header('vary', 'accept')
  reply.header('rondo-next', String(next))
  return isNdjson ? items.map((item) => `${item}\n`).join('') : `{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`
}
