import { describe, expect, it } from '@jest/globals'
import { brokerForTests, trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { openKafkaLog } from '../kafka-log.ts'

const broker = brokerForTests()

describe('the newest frames of a partition', () => {
  it('are read newest first, from its end back to the size limit; an empty partition has none', async () => {
    const log = await openKafkaLog(trialSettings(broker()))
    expect(await log.newestFrames(0, 1 << 20)).toEqual([])
    const frames = Array.from({ length: 2500 }, (_, n) => `frame ${n} ${'x'.repeat(90)}`)
    const writer = log.writer()
    await writer.append(0, frames)
    await writer.close()
    expect(await log.newestFrames(0, 8 << 20)).toEqual(frames.map((frame, offset) => ({ offset, frame })).toReversed())
    const few = await log.newestFrames(0, 30_000)
    expect(few).toEqual(
      frames
        .map((frame, offset) => ({ offset, frame }))
        .slice(-few.length)
        .reverse(),
    )
    expect([few.length > 0, few.length < 1000]).toEqual([true, true])
  })
})
