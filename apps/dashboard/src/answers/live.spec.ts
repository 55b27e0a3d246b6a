import { afterEach, expect, it } from '@jest/globals'
import { followOutputs } from './live.ts'

const real = globalThis.fetch
afterEach(() => {
  globalThis.fetch = real
})

/** A stream that says something, and stays open until its reader leaves. */
const openStream = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(text)) })

it('reads the list again when an open stream says that its cursor is of another store', async () => {
  const left = new AbortController()
  const asked: string[] = []
  const readAgain = Promise.withResolvers<void>()
  globalThis.fetch = async (input) => {
    const path = String(input)
    asked.push(path)
    if (path.includes('/live?')) return new Response(openStream(asked.length > 2 ? ': nothing new\n\n' : 'event: reset\ndata: {}\n\n'))
    if (asked.length > 2) readAgain.resolve()
    return Response.json({ items: [], next: `${asked.length}` })
  }
  void followOutputs('shop', left.signal)
  await readAgain.promise
  left.abort()
  expect(asked.slice(0, 3)).toEqual([
    '/v1/transitions?words=true&cycle=shop&newest=100',
    '/v1/cycles/shop/live?after=1',
    '/v1/transitions?words=true&cycle=shop&newest=100',
  ])
})
