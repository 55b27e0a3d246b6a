import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatInstant, type Output } from '#contracts'
import { type Standing, StandingOutputs } from './standing.ts'

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

function collector(): { lines: string[]; standing: StandingOutputs } {
  const lines: string[] = []
  return { lines, standing: new StandingOutputs(({ line }: Standing) => lines.push(line ?? '')) }
}

describe('outputs that may still be retracted', () => {
  it('are handed on once they lie before the time that corrections reach', () => {
    const { lines, standing } = collector()
    standing.add(output('1', 10), '1')
    standing.add(output('2', 20), '2')
    standing.settleBefore(10)
    expect(lines).toEqual([])
    standing.settleBefore(11)
    expect(lines).toEqual(['1'])
    standing.settleBefore(Number.POSITIVE_INFINITY)
    expect(lines).toEqual(['1', '2'])
  })

  it('are never handed on after a retraction', () => {
    const { lines, standing } = collector()
    standing.add(output('1', 10), '1')
    standing.add(output('2', 10, '1'), undefined)
    standing.settleBefore(Number.POSITIVE_INFINITY)
    expect(lines).toEqual([])
  })

  it('are not lost in silence where a retraction comes too late', () => {
    const { standing } = collector()
    standing.add(output('1', 10), '1')
    standing.settleBefore(11)
    expect(() => standing.add(output('2', 10, '1'), undefined)).toThrow(expect.objectContaining({ code: 'RONDO_INTERNAL' }))
  })

  it('come out in the order of publication, those retracted left out, however often they are settled', () => {
    const step = fc.record({ at: fc.nat(40), retract: fc.boolean(), settle: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { lines, standing } = collector()
        const open: { id: string; at: number }[] = []
        const retracted = new Set<string>()
        let reach = 0
        steps.forEach(({ at, retract, settle }, index) => {
          const id = String(index)
          const last = open.at(-1)
          if (retract && last !== undefined && last.at >= reach) {
            standing.add(output(id, last.at, last.id), undefined)
            retracted.add(open.pop()?.id ?? '')
          } else {
            open.push({ id, at: reach + at })
            standing.add(output(id, reach + at), id)
          }
          if (settle) standing.settleBefore(++reach)
        })
        standing.settleBefore(Number.POSITIVE_INFINITY)
        expect(lines).toEqual(open.map(({ id }) => id))
      }),
    )
  })
})
