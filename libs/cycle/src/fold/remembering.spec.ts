import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type CycleDefinition, formatInstant, type LateReason, type Output } from '#contracts'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { compileCycle } from '../compile/compile-cycle.ts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import type { FoldOptions } from './fold-options.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const BUCKETS = Array.from({ length: 256 }, (_, bucket) => bucket)

/** A fold with everything that it gives. */
class Partition {
  readonly outputs: Output[] = []
  readonly late: [string, LateReason][] = []
  readonly pushedOut: string[] = []
  readonly definition: CycleDefinition
  fold: PartitionFold
  private lastDisposition: Disposition | undefined

  constructor(changes: Partial<CycleDefinition> = {}, mode: { silent?: boolean; restore?: FoldOptions['restore'] } = {}) {
    this.definition = { ...presence, ...changes }
    this.fold = this.openFold({ restore: mode.restore }, mode.silent)
    this.fold.apply({ record: 'writer.open', writer: 'w', time: formatInstant(0) })
  }

  openFold(options: FoldOptions = {}, silent = false): PartitionFold {
    const sink = {
      ...(silent ? {} : { output: (output: Output) => this.outputs.push(output) }),
      decided: (_event: FoldEvent, disposition: Disposition) => (this.lastDisposition = disposition),
      late: (event: FoldEvent, reason: LateReason) => this.late.push([event.id, reason]),
      pushedOut: (actor: string) => this.pushedOut.push(actor),
    }
    return new PartitionFold(compileCycle(this.definition), sink, options)
  }

  tick(day: number): void {
    this.fold.apply({ record: 'tick', writer: 'w', time: formatInstant(day * DAY) })
  }

  visit(actorId: string, day: number, more: Partial<FoldEvent> = {}): Disposition | undefined {
    const time = Math.round(day * DAY)
    this.lastDisposition = undefined
    this.fold.apply({ id: `${actorId}${day}`, actorType: 'user', actorId, event: 'Visit', time, arrival: time, ...more })
    return this.lastDisposition
  }

  visitDaily(actorId: string, from: number, to: number): void {
    for (let day = from; day <= to; day++) {
      this.visit(actorId, day)
      this.tick(day)
    }
  }

  get bytes(): number {
    return BUCKETS.reduce((sum, bucket) => sum + this.fold.state.saveBucket(bucket).length, 0)
  }

  reopen(): void {
    const fold = this.openFold()
    fold.state.time.load(this.fold.state.time.save())
    for (const bucket of BUCKETS) fold.state.loadBucket(this.fold.state.saveBucket(bucket))
    this.fold = fold
  }
}

describe('ids', () => {
  const stepArb = fc.record({
    n: fc.nat(7),
    back: fc.constantFrom(0, 0, 0.25, 0.5),
    forward: fc.constantFrom(0, 0, 0.25, 4),
    reopens: fc.nat(9).map((n) => n === 9),
  })

  it('that are UUIDs have the same effects as other texts', () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 20 }), fc.constantFrom(1, 2, 256), (steps, journal) => {
        const historyWith = (idOf: (n: number) => string): unknown => {
          const partition = new Partition({ journal })
          let now = 1
          const dispositions = steps.map(({ n, back, forward, reopens }) => {
            now += forward
            if (reopens) partition.reopen()
            const disposition = partition.visit('a', now - back, { id: idOf(n), arrival: now * DAY, properties: { total: n } })
            partition.tick(now)
            return disposition
          })
          const text = JSON.stringify({ outputs: partition.outputs, late: partition.late, dispositions })
          return Array.from({ length: 8 }, (_, n) => n).reduce((plain, n) => plain.replaceAll(idOf(n), `<${n}>`), text)
        }
        const uuids = historyWith((n) => `0191e7c4-0000-7000-8000-00000000000${n}`)
        expect(uuids).toBe(historyWith((n) => `event-${n}`))
      }),
    )
  })
})

describe('the state of many actors', () => {
  it('keeps each actor, also after it is saved and loaded', () => {
    const [ACTORS, TWICE] = [1100, 10]
    const partition = new Partition()
    const actors = Array.from({ length: ACTORS }, (_, n) => `actor ${n}`)
    for (const [n, actor] of actors.entries()) partition.visit(actor, 1, { properties: { total: n } })
    for (const actor of actors.slice(0, TWICE)) partition.visit(actor, 2)
    partition.reopen()
    partition.tick(4.5)
    expect(partition.outputs).toHaveLength(2 * ACTORS - TWICE)
    // One advance for each actor comes first.
    const left = partition.outputs.slice(ACTORS)
    expect(left.map(({ actor }) => actor.id).sort()).toEqual(actors.slice(TWICE).sort())
    expect(new Set(left.map(({ seq, kind, at }) => `${seq} ${kind} ${at}`))).toEqual(new Set([`2 disengage ${formatInstant(4 * DAY)}`]))
    expect(left.every(({ actor, evidence }) => actor.id === `actor ${evidence.measures['spent']}`)).toBe(true)
    partition.reopen()
    partition.tick(5.5)
    expect(partition.outputs.slice(2 * ACTORS - TWICE).map(({ seq, at }) => [seq, at])).toEqual(
      Array.from({ length: TWICE }, () => [2, formatInstant(5 * DAY)]),
    )
  })
})

describe('a saved bucket', () => {
  const sizesBy = (changes: Partial<CycleDefinition>): number[] => {
    const partition = new Partition(changes)
    return Array.from({ length: 50 }, (_, n) => n + 10).map((day) => {
      partition.visit('a', day)
      partition.tick(day)
      return partition.bytes
    })
  }

  it('does not grow with events that are no longer needed', () => {
    const sizes = sizesBy({ dedupe: '2d' })
    const ids = sizesBy({ dedupe: '99d', journal: 12 })
    for (const days of [sizes, ids]) expect(Math.max(...days.slice(30))).toBe(Math.max(...days.slice(10, 30)))
    expect(Math.max(...ids)).toBeGreaterThan(Math.max(...sizes))
  })

  it('has no events of an actor that has been silent for long', () => {
    const partition = new Partition({ dedupe: '2d' })
    partition.visitDaily('a', 10, 19)
    const busy = partition.bytes
    partition.tick(24)
    const silent = partition.bytes
    expect(busy - silent).toBeGreaterThan(50)
    partition.tick(99)
    expect(partition.bytes).toBe(silent)
    partition.reopen()
    expect(partition.visit('a', 100)).toBe('applied')
    expect(partition.outputs.map(({ kind, seq }) => `${seq} ${kind}`)).toEqual(['1 advance', '2 disengage', '3 return'])
  })

  it('detects copies of as many newest ids as a journal has entries', () => {
    const partition = new Partition({ dedupe: '99d', journal: 5 })
    partition.visitDaily('a', 10, 29)
    partition.reopen()
    expect(['a29', 'a27', 'a25', 'a24', 'a10'].map((id) => partition.visit('a', 29, { id }))).toEqual([
      ...['duplicate', 'duplicate', 'duplicate'],
      ...['applied', 'applied'],
    ])
  })

  it('contains the floor, so that an event before it is still late after a reload', () => {
    const partition = new Partition({ journal: 2, grace: '9d' })
    for (const day of [5, 6, 7, 8]) partition.visit('a', day)
    partition.reopen()
    expect([5.5, 6, 6.5].map((day) => partition.visit('a', day, { id: `L${day}`, arrival: 8 * DAY }))).toEqual(['late-bound', 'out-of-order', 'out-of-order'])
    partition.reopen()
    expect(partition.visit('a', 6.4, { id: 'L6.4', arrival: 8 * DAY })).toBe('late-bound')
  })

  it('distinguishes copies of pushed-out events from new events of the same instant, also if there are many', () => {
    const partition = new Partition({ journal: 2, grace: '9d', dedupe: '0s' })
    const ids = Array.from({ length: 200 }, (_, n) => `${(n * 37) % 200}`)
    const sendAll = (list: readonly string[]): (string | undefined)[] => [...new Set(list.map((id) => partition.visit('a', 5, { id })))]
    expect(sendAll(ids)).toEqual(['applied'])
    for (let round = 0; round < 3; round++) {
      partition.tick(6 + round)
      partition.reopen()
      expect(sendAll(ids.slice(0, -2))).toEqual(['late-bound'])
      expect(sendAll([`new ${round}`])).toEqual(['applied'])
    }
  })

  it('detects the copy of an event that a bound pushed out', () => {
    const partition = new Partition({ journal: 2, grace: '9d', dedupe: '0s' })
    for (const day of [5, 6, 7, 8]) partition.visit('a', day)
    expect(partition.visit('a', 6, { arrival: 8 * DAY })).toBe('late-bound')
  })
})

describe('journals with oldest entries of the same time', () => {
  it('lose the entry that arrived first, also after they are saved and loaded', () => {
    const partition = new Partition({ journals: 3, grace: '9d' })
    for (const actor of ['d', 'b', 'c', 'a', 'e', 'f']) {
      partition.visit(actor, 1)
      partition.reopen()
    }
    expect(partition.pushedOut).toEqual(['d', 'b', 'c'])
  })
})

describe('a log that is folded again', () => {
  it('pushes out the entries that were pushed out the first time', () => {
    let pushOuts: string[] = []
    const taken = new Set<string>()
    const restore = { hasApplied: (actor: string) => taken.has(actor), pushOuts: () => pushOuts }
    const partition = new Partition({ journals: 1, grace: '9d' }, { restore })
    for (const actor of ['a', 'b', 'c']) partition.visit(actor, 1)
    pushOuts = ['a', 'nobody']
    partition.visit('c', 2)
    pushOuts = ['b']
    taken.add('d')
    expect(partition.visit('d', 3)).toBeUndefined()
    pushOuts = []
    const visitEarlier = (actor: string) => partition.visit(actor, 0.5, { arrival: 3 * DAY })
    expect(['a', 'b', 'c'].map(visitEarlier)).toEqual(['late-bound', 'late-bound', 'out-of-order'])
    expect(partition.pushedOut).toEqual([])
  })

  it('gives a seq to outputs that it does not publish', () => {
    const partition = new Partition({}, { silent: true })
    partition.visit('a', 1)
    partition.tick(4.5)
    partition.visit('a', 3.9, { arrival: 4.5 * DAY })
    expect(partition.outputs).toEqual([])
    // The unpublished outputs were an advance, a disengage and its retraction, with seq 1 to 3. The absence is 3 days.
    partition.fold = partition.openFold({ state: partition.fold.state })
    partition.tick(9)
    expect(partition.outputs.map(({ seq, kind, at }) => `${seq} ${kind} ${at}`)).toEqual([`4 disengage ${formatInstant((3.9 + 3) * DAY)}`])
  })
})
