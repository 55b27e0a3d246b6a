import { expect, it } from '@jest/globals'
import type { Feed, FeedRecord } from './event-log.ts'
import { followFeed } from './follow-feed.ts'

/** A feed in memory that reads after a cursor, as the adapters do. */
const feedOf = (records: readonly FeedRecord[]): Feed => ({
  read: async (after, limit) => records.filter(({ cursor }) => cursor > after).slice(0, limit),
  newest: async (limit) => records.slice(-limit),
})

it('a page whose handler fails is delivered again before the next page; no other page is delivered twice', async () => {
  // Cursors 1, 3, 5, …: the reading begins after 5, so that 2497 of the 2500 records follow, in three pages of up to 1000.
  const records = Array.from({ length: 2500 }, (_, i) => ({ cursor: 2 * i + 1, output: String(i) }))
  const end = new AbortController()
  const handled: string[] = []
  const errors: unknown[] = []
  let pages = 0
  let handledPages = 0
  await followFeed(feedOf(records), {
    after: 5,
    signal: end.signal,
    deliver: async (page) => {
      pages += 1
      if (pages === 2) throw new TypeError('not now')
      handled.push(...page.map(({ output }) => output))
      if (handled.length === 2497) end.abort()
    },
    onPage: () => {
      handledPages += 1
    },
    onError: (failure) => errors.push(String(failure)),
  })
  expect(handled).toEqual(records.slice(3).map(({ output }) => output))
  // Three pages, of which the second was delivered twice.
  expect([pages, handledPages]).toEqual([4, 3])
  expect(errors).toEqual(['TypeError: not now'])
})
