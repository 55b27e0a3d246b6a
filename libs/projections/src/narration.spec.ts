import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { type CycleDefinition, type Output } from '#contracts'
import { compileCycle, PartitionFold, readDefinition } from '#cycle'
import { duration, narrationOf } from './narration.ts'

const read = (file: string): CycleDefinition => readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition
const shopper = read('deploy/cycles/shopper.yaml')
const listener = read('deploy/cycles/listener.yaml')
const noon = (date: string): number => Date.parse(`${date}T12:00:00Z`)

/** The outputs of a fold for customer 00042, for one event or tick after the other. */
function outputsOf(definition: CycleDefinition, given: readonly (readonly [string, number, object?])[]): Output[] {
  const outputs: Output[] = []
  const fold = new PartitionFold(compileCycle(definition), { output: (output) => outputs.push(output) })
  fold.apply({ record: 'writer.open', writer: 'w', time: '0001-01-01T00:00:00.000Z' })
  for (const [i, [event, time, properties = { dollars: 12 }]] of given.entries()) {
    if (event === 'tick') fold.apply({ record: 'tick', writer: 'w', time: new Date(time).toISOString() })
    else {
      const rest = { properties: properties as Record<string, unknown>, traits: undefined, context: undefined }
      fold.apply({ id: `e${i + 1}`, actorType: 'user', actorId: '00042', event, time, arrival: time, ...rest })
    }
  }
  return outputs
}

/** An order, or the passing of time, at noon of a date. */
const buy = (date: string) => ['Order Completed', noon(date)] as const
const wait = (date: string) => ['tick', noon(date)] as const
const sentences = (definition: CycleDefinition, outputs: readonly Output[]): string[] => outputs.map(narrationOf(definition).sentence)

describe('the sentence of a transition', () => {
  it('names the stages and the reason with the titles of the definition', () => {
    const outputs = outputsOf(shopper, [buy('2026-01-01'), buy('2026-02-01'), wait('2026-08-15'), buy('2026-08-20'), buy('2026-08-30')])
    expect(sentences(shopper, outputs)).toEqual([
      'user 00042 began at Occasional: first order',
      'user 00042 moved on, from Occasional to Came again: ordered again within 90 days (Days with an order in 90 days: 2)',
      'user 00042 moved back, from Came again to Occasional: no order in 90 days (Days with an order in 90 days: 0)',
      'user 00042 is at risk in Occasional: silent for 90 days',
      'user 00042 went away, from Occasional to Away: silent for 180 days',
      'user 00042 came back, from Away to Back again after 20 days: ordered again after being away',
      'user 00042 became regular again, from Back again to Occasional: ordered twice since the return (Days with an order in 45 days: 2)',
    ])
  })

  it('names the unmet need that caused a transition', () => {
    const search = (time: string) => ['Songs Searched', noon(time), { query: 'nocturnes', results: 0 }] as const
    const outputs = outputsOf(listener, [['Genre Opened', noon('2026-03-01')], search('2026-03-02'), search('2026-03-03'), search('2026-03-04')])
    expect(sentences(listener, outputs).at(-1)).toBe(
      'user 00042 went away, from Looks around to Gone: did not get what they looked for ' +
        '(Needs not met in 7 days: 3; What was looked for last: nocturnes; cause: unmet need)',
    )
  })

  it('names the retracted transition and the event that caused the retraction', () => {
    const late = ['Order Completed', noon('2026-06-30') - 3_600_000] as const
    const outputs = outputsOf(shopper, [buy('2026-01-01'), ['tick', noon('2026-06-30') + 1], late])
    expect(sentences(shopper, outputs).slice(-1)).toEqual([
      'Taken back: user 00042 did not go from Occasional to Away on 2026-06-30, because event e3 arrived after this had been published',
    ])
  })

  it('contains no control characters, and no texts above the length limit', () => {
    const search = (time: string) => ['Songs Searched', noon(time), { query: `\u001b[2J\u202e${'x'.repeat(500)}`, results: 0 }] as const
    const outputs = outputsOf(listener, [['Genre Opened', noon('2026-03-01')], search('2026-03-02'), search('2026-03-03'), search('2026-03-04')])
    const last = outputs.at(-1) as Output
    const text = [narrationOf(listener).sentence(last), ...narrationOf(listener).explanation(last)].join('')
    expect(text).toContain('xxx…')
    expect(text).not.toMatch(/[\p{Cc}\u202e]|x{100}/u)
  })

  it('uses ids if there are no titles', () => {
    const untitled = read('test/fixtures/cycles/shop-customer.yaml')
    expect(sentences(untitled, outputsOf(untitled, [['Product Viewed', noon('2026-03-01')]]))).toEqual(['user 00042 began at connection: first seen'])
  })

  it('gives a length of time in the largest unit that gives at least two', () => {
    const hour = 3_600_000
    expect([0, 60_000, 119 * 60_000, 2 * hour, 47 * hour, 48 * hour, 41.9 * 24 * hour].map(duration)).toEqual([
      '0 minutes',
      '1 minute',
      '119 minutes',
      '2 hours',
      '47 hours',
      '2 days',
      '41 days',
    ])
  })
})

describe('the explanation of a transition', () => {
  it('lists the measures with their newest events, and the causing event', () => {
    const [, second] = outputsOf(shopper, [buy('2026-01-01'), buy('2026-02-01')])
    expect(narrationOf(shopper).explanation(second as Output)).toEqual([
      'Days with an order in 90 days: 2, last by e2, e1',
      'caused by event e2',
      'rule came-again, cause purchase',
    ])
  })

  it('gives the silence and its deadline if no event caused it', () => {
    const last = outputsOf(shopper, [buy('2026-01-01'), wait('2026-08-15')]).at(-1)
    expect(narrationOf(shopper).explanation(last as Output)).toEqual([
      'last seen 2026-01-01 12:00:00 UTC',
      'the deadline passed 2026-06-30 12:00:00 UTC',
      'noticed 2026-08-15 12:00:00 UTC',
      'rule went-away, cause absence',
    ])
  })
})
