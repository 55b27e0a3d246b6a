import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { EventBuffer } from '#event-log'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { bufferGauges, bufferNote, fullBuffer } from './buffer-probes.ts'

const clock = new SimulatedClock(10_000)
let home: TemporaryFolder
let buffer: EventBuffer
beforeEach(() => {
  home = temporaryFolder()
  buffer = new EventBuffer({ folder: home.path, bytesMax: 300_000, identity: {} })
})
afterEach(() => {
  buffer.close()
  home[Symbol.dispose]()
})

describe('the probes of a buffer', () => {
  it('say what waits, for which partition, and since when; nothing of an empty one', async () => {
    const metrics = new Registry()
    bufferGauges(metrics, buffer, clock)
    const part = buffer.part({ topic: 'activity', partition: 3 })
    expect([bufferNote(buffer, clock), fullBuffer(buffer)]).toEqual([undefined, undefined])
    expect(await metrics.metrics()).toContain('rondo_buffered_events{topic="activity",partition="3"} 0')
    part.add([{ frame: 'ab', arrival: 4_000, events: 2 }], 1)
    expect(bufferNote(buffer, clock)).toBe('2 events (2 of 300000 bytes) wait in the buffer for activity partition 3; the oldest came 6 s ago.')
    const text = await metrics.metrics()
    for (const [name, value] of [
      ['bytes', 2],
      ['events', 2],
      ['oldest_age_seconds', 6],
    ]) {
      expect(text).toContain(`rondo_buffered_${name}{topic="activity",partition="3"} ${value}`)
    }
  })

  it('say that a partition has no more room', () => {
    const part = buffer.part({ topic: 'activity', partition: 0 })
    part.add([{ frame: 'x'.repeat(120_000), arrival: 1, events: 1 }], 1)
    expect(fullBuffer(buffer)).toBe('The log does not answer, and the buffer, or its disk, is full for activity partition 0: such events get 503.')
    part.remove(part.newest, 2)
    expect(fullBuffer(buffer)).toBeUndefined()
  })
})
