import { expect, it } from '@jest/globals'
import type { Feed, FeedRecord } from '#event-log'
import { followFeed } from './follow-feed.ts'
import { throttled } from './throttle.ts'

/** As the adapters do: what comes after a cursor. */
const feedOf = (records: readonly FeedRecord[]): Feed => ({
  read: async (after, most) => records.filter(({ cursor }) => cursor > after).slice(0, most),
  newest: async (most) => records.slice(-most),
})

it('a page whose handler fails comes again before the next one, and nothing twice', async () => {
  const records = Array.from({ length: 2500 }, (_, i) => ({ cursor: 2 * i + 1, output: String(i) }))
  const over = new AbortController()
  const handled: string[] = []
  const errors: unknown[] = []
  let pages = 0
  let handledPages = 0
  await followFeed(feedOf(records), {
    after: 5,
    signal: over.signal,
    deliver: async (page) => {
      pages += 1
      if (pages === 2) throw new TypeError('not now')
      handled.push(...page.map(({ output }) => output))
      if (handled.length === 2497) over.abort()
    },
    onPage: () => {
      handledPages += 1
    },
    onError: (failure) => errors.push(String(failure)),
  })
  expect(handled).toEqual(records.slice(3).map(({ output }) => output))
  expect([pages, handledPages]).toEqual([4, 3])
  expect(errors).toEqual(['TypeError: not now'])
})

it('passes a repeated text on at the first, second, fourth, eighth … time', () => {
  const heard: string[] = []
  const speak = throttled((text) => heard.push(text))
  for (let time = 0; time < 9; time++) speak('down')
  speak('up')
  expect(heard).toEqual(['down', 'down (2 times so far)', 'down (4 times so far)', 'down (8 times so far)', 'up'])
})
