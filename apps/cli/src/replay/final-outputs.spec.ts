import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, type Output } from '#contracts'
import { type FinalOutput, FinalOutputs } from './final-outputs.ts'

const output = (id: string, at: number, retracts?: string): Output =>
  ({
    id,
    at: formatInstant(at),
    kind: 'advance',
    from: 'a',
    to: 'b',
    dwellMs: at,
    ...(retracts === undefined ? {} : { kind: 'retraction', retracts }),
  }) as Output

function collector(): { lines: string[]; finals: FinalOutputs } {
  const lines: string[] = []
  return { lines, finals: new FinalOutputs(({ line }: FinalOutput) => lines.push(line ?? '')) }
}

describe('outputs that may still be retracted', () => {
  it('are released when no event can correct them any more', () => {
    const { lines, finals } = collector()
    finals.add(output('1', 10), '1')
    finals.add(output('2', 20), '2')
    finals.releaseBefore(10)
    expect(lines).toEqual([])
    finals.releaseBefore(11)
    expect(lines).toEqual(['1'])
    finals.releaseBefore(Number.POSITIVE_INFINITY)
    expect(lines).toEqual(['1', '2'])
  })

  it('are never released after a retraction', () => {
    const { lines, finals } = collector()
    finals.add(output('1', 10), '1')
    finals.add(output('2', 10, '1'), undefined)
    finals.releaseBefore(Number.POSITIVE_INFINITY)
    expect(lines).toEqual([])
  })

  it('cause an error if a retraction comes after their release', () => {
    const { finals } = collector()
    finals.add(output('1', 10), '1')
    finals.releaseBefore(11)
    expect(() => finals.add(output('2', 10, '1'), undefined)).toThrow(expect.objectContaining({ code: 'RONDO_INTERNAL' }))
  })

  it('are released in the order of publication, without retracted outputs, in any number of releases', () => {
    const step = fc.record({ at: fc.nat(40), retract: fc.boolean(), release: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { lines, finals } = collector()
        const open: { id: string; at: number }[] = []
        const retracted = new Set<string>()
        let releasedTo = 0
        steps.forEach(({ at, retract, release }, index) => {
          const id = String(index)
          const last = open.at(-1)
          if (retract && last !== undefined && last.at >= releasedTo) {
            finals.add(output(id, last.at, last.id), undefined)
            retracted.add(open.pop()?.id ?? '')
          } else {
            open.push({ id, at: releasedTo + at })
            finals.add(output(id, releasedTo + at), id)
          }
          if (release) finals.releaseBefore(++releasedTo)
        })
        finals.releaseBefore(Number.POSITIVE_INFINITY)
        expect(lines).toEqual(open.map(({ id }) => id))
      }),
    )
  })
})
