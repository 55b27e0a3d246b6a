import { expect, it } from '@jest/globals'
import { pointAt } from './step-value.ts'

it('a curve of steps has the value of its last point', () => {
  const points = [{ ms: 0 }, { ms: 10 }, { ms: 25 }]
  expect([0, 9, 10, 24, 25, 99].map((ms) => pointAt(points, ms)?.ms)).toEqual([0, 0, 10, 10, 25, 25])
  expect(pointAt(points, -1)).toBeUndefined()
  expect(pointAt([], 5)).toBeUndefined()
})
