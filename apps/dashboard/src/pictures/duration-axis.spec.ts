import { expect, it } from '@jest/globals'
import { durationAxis } from './duration-axis.ts'

const HOUR = 3_600_000

it.each([
  [100 * 24 * HOUR, ['0 d', '20 d', '40 d', '60 d', '80 d', '100 d']],
  [5 * HOUR, ['0 h', '1 h', '2 h', '3 h', '4 h', '5 h']],
  [0, ['0 s', '1 s']],
])('a scale up to %d ms has round numbers of one unit', (longest, labels) => {
  const axis = durationAxis(longest)
  expect(axis.labels(600).map(({ text }) => text)).toEqual(labels)
  expect(axis.part(longest + HOUR)).toBe(1)
})
