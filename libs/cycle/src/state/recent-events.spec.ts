import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { PackedId } from '#keyed-state'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'
import { RECENT_MAX, RecentEvents } from './recent-events.ts'

const packed = (text: string): Uint8Array => {
  const id = new PackedId()
  id.set(text)
  return id.bytes
}

/** Ids of different lengths: short ones, UUIDs, and the longest ids. */
const idArb = fc.oneof(fc.string({ minLength: 1, maxLength: 5 }), fc.uuid(), fc.constantFrom('é'.repeat(128), 'x'.repeat(255), 'y'.repeat(254)))
const stepArb = fc.oneof(
  { weight: 6, arbitrary: fc.record({ step: fc.constant('event' as const), id: idArb }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constantFrom('stage' as const, 'return' as const) }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('restore' as const) }) },
)

function restored(recent: RecentEvents): RecentEvents {
  const [writer, reader, loaded] = [new ByteWriter(), new ByteReader(), new RecentEvents()]
  recent.write(writer)
  reader.open(writer.bytes, writer.view, 0)
  loaded.add(1, packed('replaced by read'))
  loaded.read(reader)
  expect(reader.at).toBe(writer.at)
  return loaded
}

describe('a list of recent events', () => {
  it('gives the newest eight events in scope, newest first, also after it was stored', () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 30 }), fc.nat(30), (steps, oldest) => {
        let recent = new RecentEvents()
        const events: { id: string; at: number }[] = []
        const since = { ever: 0, stage: 0, return: 0 }
        for (const [at, step] of steps.entries()) {
          if (step.step === 'restore') recent = restored(recent)
          else if (step.step === 'event') {
            recent.add(at, packed(step.id))
            events.push({ id: step.id, at })
          } else {
            recent.restart(step.step)
            since[step.step] = events.length
          }
        }
        for (const scope of ['ever', 'stage', 'return'] as const) {
          const newest = events.slice(since[scope]).slice(-RECENT_MAX).reverse()
          expect(recent.recent(scope, () => true)).toEqual(newest.map(({ id }) => id))
          expect(recent.recent(scope, (time) => time >= oldest)).toEqual(newest.filter(({ at }) => at >= oldest).map(({ id }) => id))
        }
        recent.reset()
        expect(recent.recent('ever', () => true)).toEqual([])
      }),
    )
  })

  it('is empty since a stage that has just been entered', () => {
    const recent = new RecentEvents()
    recent.add(0, packed('a'))
    recent.restart('stage')
    expect([recent.recent('stage', () => true), recent.recent('return', () => true)]).toEqual([[], ['a']])
  })
})
