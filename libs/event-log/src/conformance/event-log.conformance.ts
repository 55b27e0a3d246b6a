import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { describeCommits, describeFeed, describeOwners } from './commit.conformance.ts'
import { type EventLogFactory, frameOf, ownedBy, type TestLog } from './fixture.ts'
import { describeReads } from './log.conformance.ts'

/**
 * The tests that every adapter of the event log must pass. The spec of an adapter calls it with a factory, and tests the rest of that adapter.
 * @param keepsTraces false for an archive: it has what outcomes depend on, and no traced requests
 * The idea is that of pubsub/tests/test_pubsub.go in ThreeDotsLabs/watermill.
 */
export function describeEventLog(name: string, factory: EventLogFactory, { keepsTraces = true } = {}): void {
  describe(`the event log on ${name}`, () => {
    const log = {} as { -readonly [part in keyof TestLog]: TestLog[part] }

    beforeEach(async () => {
      log.fixture = await factory({ partitions: 2 })
      log.own = (partition = 0) => ownedBy(log.fixture.reader(), partition)
    })
    afterEach(() => log.fixture.dispose())

    describeReads(log, { keepsTraces })
    describeCommits(log)
    describeOwners(log)
    describeFeed(log)

    it('assigns every partition, and revokes each when the reader closes', async () => {
      const reader = log.fixture.reader()
      const events: string[] = []
      const both = Promise.withResolvers<void>()
      await reader.own({
        assigned: (owned) => {
          if (events.push(`+${owned.partition}`) === 2) both.resolve()
        },
        revoked: (partition) => events.push(`-${partition}`),
      })
      await both.promise
      await reader.close()
      expect(events.sort()).toEqual(['+0', '+1', '-0', '-1'])
    })

    it('keeps a separate position for each partition', async () => {
      const [first, second] = [await log.own(0), await log.own(1)]
      expect(await first.committed()).toBeUndefined()
      await log.fixture.writer.append(1, ['{"a":1}'])
      expect((await second.read(0, { bytesMax: 1000, waitMs: 5000 })).map(frameOf)).toEqual(['{"a":1}'])
      expect(await first.read(0, { bytesMax: 1000, waitMs: 0 })).toEqual([])
    })

    it('refuses a partition that does not exist', async () => {
      await expect(log.fixture.writer.append(2, ['{}'])).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
      await expect(log.fixture.writer.append(-1, ['{}'])).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    })
  })
}
