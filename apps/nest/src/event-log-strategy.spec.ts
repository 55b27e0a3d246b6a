import { expect, it } from '@jest/globals'
import type { LogReader, OwnedPartition, Ownership } from '#event-log'
import { ACTIVITY, type EventLogContext, EventLogStrategy } from './event-log-strategy.ts'

it('gives up the partitions though what is under way does not end, for a log out of reach can last for ever', async () => {
  const over = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  let isClosed = false
  const reader: LogReader = {
    own: async ({ assigned }: Ownership) => assigned({ partition: 0 } as OwnedPartition),
    close: async () => {
      isClosed = true
      over.resolve()
    },
  }
  const failures: unknown[] = []
  const strategy = new EventLogStrategy({ reader, onError: (error) => failures.push(error), onFailure: (failure) => failures.push(failure) })
  let signal: AbortSignal | undefined
  strategy.addHandler(
    ACTIVITY,
    async (_: unknown, context: EventLogContext) => {
      signal = context.signal
      begun.resolve()
      await over.promise
    },
    true,
  )
  await new Promise((resolve) => strategy.listen(resolve))
  await begun.promise
  await strategy.close()
  expect([signal?.aborted, isClosed, failures]).toEqual([true, true, []])
})
