import { describe, expect, it } from '@jest/globals'
import { laneOutputs } from './lane-output.ts'

describe('lanes that run in parallel', () => {
  it('are shown one after the other, and the first lane at once, if they write at the same time', () => {
    const seen: string[] = []
    const [first, second, third] = laneOutputs(3, (text) => seen.push(String(text)))
    second?.write('b1')
    first?.write('a1')
    third?.write('c1')
    expect(seen).toEqual(['a1'])
    third?.end()
    first?.write('a2')
    expect(seen).toEqual(['a1', 'a2'])
    first?.end()
    expect(seen).toEqual(['a1', 'a2', 'b1'])
    second?.write('b2')
    expect(seen.at(-1)).toBe('b2')
    second?.end()
    expect(seen).toEqual(['a1', 'a2', 'b1', 'b2', 'c1'])
  })

  it('lose no output, also if the last lane ends first', () => {
    const seen: string[] = []
    const outputs = laneOutputs(3, (text) => seen.push(String(text)))
    for (const [lane, output] of outputs.entries()) output.write(`${lane}`)
    for (const output of outputs.toReversed()) output.end()
    expect(seen).toEqual(['0', '1', '2'])
  })
})
