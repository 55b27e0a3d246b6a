import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Feed, FeedRecord } from '#event-log'
import { MergedFeed } from './merged-feed.ts'

/** A partition whose cursors have gaps, as offsets do. */
class ListFeed implements Feed {
  readonly records: FeedRecord[]

  constructor(partition: number, gaps: readonly number[]) {
    let cursor = 0
    this.records = gaps.map((gap, i) => {
      cursor += gap
      return { cursor, output: `{"of":"${partition}-${i}","noticedAt":"2026-01-01T00:00:${String(10 + i).slice(0, 2)}.000Z"}` }
    })
  }

  async read(after: number, limit: number): Promise<FeedRecord[]> {
    return this.records.filter(({ cursor }) => cursor > after).slice(0, limit)
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    return limit === 0 ? [] : this.records.slice(-limit)
  }
}

const partition = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 })
const partitions = fc.array(partition, { minLength: 1, maxLength: 4 }).map((all) => all.map((gaps, i) => new ListFeed(i, gaps)))

describe('a feed of several partitions', () => {
  it('has every record once and in the order of its partition, for pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(partitions, fc.integer({ min: 1, max: 7 }), async (feeds, limit) => {
        const feed = new MergedFeed(feeds)
        const found: string[] = []
        for (let after = feed.cursor(feed.start) ?? ''; ; ) {
          const page = await feed.read(after, limit)
          if (page.length === 0) break
          found.push(...page.map(({ output }) => output))
          // Continuing after any record of a page is the same as after its last.
          const middle = page[page.length >> 1]
          const rest = await feed.read(middle?.cursor ?? '', limit)
          expect(rest.slice(0, page.length - (page.length >> 1) - 1)).toEqual(page.slice((page.length >> 1) + 1))
          after = String(page.at(-1)?.cursor)
        }
        for (const { records } of feeds)
          expect(found.filter((output) => records.some((record) => record.output === output))).toEqual(records.map(({ output }) => output))
        expect(found).toHaveLength(feeds.reduce((sum, { records }) => sum + records.length, 0))
      }),
    )
  })

  it('ends with its newest records, and has nothing after their cursors', async () => {
    await fc.assert(
      fc.asyncProperty(partitions, fc.integer({ min: 1, max: 5 }), async (feeds, limit) => {
        const feed = new MergedFeed(feeds)
        const newest = await feed.newest(limit)
        const total = feeds.reduce((sum, { records }) => sum + records.length, 0)
        expect(newest).toHaveLength(Math.min(limit, total))
        const end = newest.at(-1)?.cursor ?? feed.start
        expect(await feed.read(end, 10)).toEqual([])
        expect(feed.isBefore(end, end)).toBe(false)
        expect(feed.isBefore(feed.start, end)).toBe(total > 0)
        const [first] = newest
        if (first !== undefined) expect(await feed.read(first.cursor, 100)).toEqual(newest.slice(1))
      }),
    )
  })

  it('recognizes its cursors', () => {
    const feed = new MergedFeed([new ListFeed(0, []), new ListFeed(1, [])])
    expect(feed.cursor('0')).toBe('0.0')
    expect(feed.cursor('12.7')).toBe('12.7')
    for (const text of ['', '1', '1.2.3', '1.-2', '1.x', '1.99999999999999999', '1.9007199254740993']) expect(feed.cursor(text)).toBeUndefined()
  })
})
