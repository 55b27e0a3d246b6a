import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { packFrames, tracesOfFrames } from './frames.ts'

describe('frames', () => {
  it('contain all entries in their order, and only a frame of a single entry exceeds the limit of 65 536', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 40 }), (sizes) => {
        const lines = sizes.map((size, at) => String(at).padEnd(size, '.'))
        const frames = packFrames(lines)
        expect(frames.flatMap((frame) => frame.split('\n'))).toEqual(lines)
        for (const frame of frames) expect(frame.length <= 65_536 || !frame.includes('\n')).toBe(true)
        // No two neighbours would have fitted into one frame.
        for (const [at, frame] of frames.slice(1).entries()) expect((frames[at] as string).length + frame.length).toBeGreaterThan(65_000)
      }),
    )
  })
})

it('the traced requests of each frame are those that have lines in it', () => {
  const long = 'x'.repeat(40_000)
  const lines = ['a', long, long, 'b', 'c']
  const traced = [
    { from: 0, count: 1, trace: 'first' },
    { from: 1, count: 3, trace: 'second' },
  ]
  const frames = packFrames(lines)
  expect(frames.map((frame) => frame.split('\n').length)).toEqual([2, 3])
  expect(tracesOfFrames(frames, traced)).toEqual([['first', 'second'], ['second']])
  expect(tracesOfFrames(packFrames(['a', 'b']), [{ from: 1, count: 1, trace: 'only' }])).toEqual([['only']])
  expect(tracesOfFrames(packFrames(['a']), [])).toEqual([undefined])
})
