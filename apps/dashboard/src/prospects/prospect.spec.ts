import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { compileCycle, PartitionFold, readDefinition } from '#cycle'
import type { CycleDefinition, Output } from '../answers/answers.ts'
import { durationOf, prospectOf } from './prospect.ts'

const DAY = 86_400_000
const shopper = readDefinition(readFileSync('deploy/cycles/shopper.yaml', 'utf8'), 'shopper.yaml').definition as CycleDefinition
const START = Date.parse('2026-01-01T00:00:00Z')

/** The effective outputs of a fold, newest first: orders on some days, then silence until a day. */
function outputsOf(days: readonly number[], until: number): Output[] {
  const outputs: Output[] = []
  const fold = new PartitionFold(compileCycle(shopper), { output: (output) => outputs.push(output) })
  fold.apply({ record: 'writer.open', writer: 'w', time: '0001-01-01T00:00:00.000Z' })
  for (const [index, day] of days.entries()) {
    const time = START + day * DAY
    const rest = { properties: { dollars: 12 }, traits: undefined, context: undefined }
    fold.apply({ id: `e${index}`, actorType: 'user', actorId: 'a', event: 'Order Completed', time, arrival: time, ...rest })
  }
  fold.apply({ record: 'tick', writer: 'w', time: new Date(START + until * DAY).toISOString() })
  return outputs.reverse()
}

function prospectAfter(days: readonly number[], until: number) {
  const outputs = outputsOf(days, until)
  const entered = outputs.find(({ kind }) => kind !== 'notice') as Output
  return {
    prospect: prospectOf(shopper, { stage: entered.to, since: Date.parse(entered.at), outputs }),
    next: outputsOf(days, until + 400).at(-1 - outputs.length),
  }
}

describe('what comes next for an actor', () => {
  it.each([
    [[0], 100],
    [[0, 20, 40, 60, 62], 174],
  ])('after a notice it is the instant at which the fold moves the actor: orders on days %j', (days, until) => {
    // Silent for longer than the warning, and not yet away.
    const { prospect, next } = prospectAfter(days, until)
    const [deadline] = prospect.deadlines
    expect(outputsOf(days, until)[0]?.kind).toBe('notice')
    expect([deadline?.isExact, deadline?.to, new Date(deadline?.at ?? 0).toISOString()]).toEqual([true, next?.to, next?.at])
  })

  it('is not before the absence has passed since the last event that an output shows', () => {
    const { prospect } = prospectAfter([0], 10)
    expect(prospect.deadlines).toEqual([
      { rule: 'went-away', title: 'silent for longer than usual', to: 'disengagement', at: START + 180 * DAY, isExact: false, isSilence: true },
    ])
    expect(prospect.ways).toEqual([{ rule: 'came-again', title: 'ordered again within 90 days', to: 'interaction' }])
    expect(prospectAfter([0, 20], 30).prospect.slips.map(({ rule }) => rule)).toEqual(['cooled'])
  })

  it('is nothing by time alone for those who are away', () => {
    const { prospect } = prospectAfter([0], 300)
    expect(prospect.deadlines).toEqual([])
    expect(prospect.ways.map(({ to }) => to)).toEqual(['re-engagement'])
  })

  it('reads durations as definitions write them', () => {
    expect(['500ms', '10s', '90m', '48h', '30d', '2w'].map(durationOf)).toEqual([500, 10_000, 5_400_000, 172_800_000, 30 * DAY, 14 * DAY])
  })
})
