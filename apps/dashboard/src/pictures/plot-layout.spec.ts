import { describe, expect, it } from '@jest/globals'
import { areaPath, countTicks, labelled, roundTicks, stack, stepPoints } from './plot-layout.ts'

describe('ticks', () => {
  it.each([
    [0, 97, 5, [0, 20, 40, 60, 80, 100]],
    [-30, 97, 4, [-50, 0, 50, 100]],
    [0, 1, 4, [0, 0.5, 1]],
    [0, 23_570, 4, [0, 10_000, 20_000, 30_000]],
  ])('from %d to %d are round and include both ends', (min, max, most, ticks) => {
    expect(roundTicks({ min, max }, most)).toEqual(ticks)
  })

  it('of counts are whole numbers', () => {
    expect(countTicks({ min: 0, max: 2 }, 5)).toEqual([0, 1, 2])
    expect(countTicks({ min: 0, max: 0 }, 5)).toEqual([0, 1])
    expect(countTicks({ min: -3, max: 0 }, 8)).toEqual([-3, -2, -1, 0])
  })
})

it('labels stand at equal distances, and are not too many', () => {
  expect(labelled(53, 6)).toEqual([0, 9, 18, 27, 36, 45])
  expect(labelled(3, 6)).toEqual([0, 1, 2])
})

it('the upper edge of a stack is the sum of what it has below', () => {
  expect(
    stack([
      [1, 2],
      [10, 0],
      [100, 5],
    ]),
  ).toEqual([
    { lower: [0, 0], upper: [1, 2] },
    { lower: [1, 2], upper: [11, 2] },
    { lower: [11, 2], upper: [111, 7] },
  ])
})

it('an area goes along its upper edge and back along its lower one', () => {
  expect(
    areaPath(
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 0],
        [2, 0],
      ],
    ),
  ).toBe('M0.0 1.0L2.0 3.0L2.0 0.0L0.0 0.0Z')
})

it('a curve of steps keeps its value until the next point', () => {
  expect(
    stepPoints([
      [0, 1],
      [5, 0.5],
    ]),
  ).toEqual([
    [0, 1],
    [5, 1],
    [5, 0.5],
  ])
})
