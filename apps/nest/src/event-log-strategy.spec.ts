import { expect, it } from '@jest/globals'
import type { LogReader, OwnedPartition, Ownership } from '#event-log'
import { ACTIVITY, type EventLogContext, EventLogStrategy } from './event-log-strategy.ts'

it('releases the partitions although the running work does not end, as with a log that cannot be reached', async () => {
  const workEnd = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  let isClosed = false
  const reader: LogReader = {
    own: async ({ assigned }: Ownership) => assigned({ partition: 0 } as OwnedPartition),
    close: async () => {
      isClosed = true
      workEnd.resolve()
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
      await workEnd.promise
    },
    true,
  )
  await new Promise((resolve) => strategy.listen(resolve))
  await begun.promise
  await strategy.close()
  expect([signal?.aborted, isClosed, failures]).toEqual([true, true, []])
})
