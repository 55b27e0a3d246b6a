import { expect, it } from '@jest/globals'
import { countMoments } from './count-moments.ts'

const stage = (before: number, entered: number, left: number) => ({ before, entered, left, after: before + entered - left })
const [monday, tuesday, wednesday, thursday] = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26'].map((date) => `${date}T00:00:00.000Z`) as [
  string,
  string,
  string,
  string,
]
const items = [
  { from: monday, until: tuesday, total: 5, stages: { a: stage(2, 3, 1), b: stage(0, 1, 0) } },
  { from: tuesday, until: wednesday, total: 6, stages: { a: stage(4, 1, 0), b: stage(1, 0, 0) } },
  { from: wednesday, until: thursday, total: 6, stages: { a: stage(5, 0, 0), b: stage(1, 0, 0) } },
]
const stages = [
  { id: 'a', title: 'A', kind: 'active' as const },
  { id: 'b', title: 'B', kind: 'active' as const },
]

it('counts at the beginning and at the end of each period, where one that goes on ends now', () => {
  const noon = Date.parse('2026-11-24T12:00:00Z')
  expect(countMoments({ items, stages }, noon)).toEqual([
    { at: Date.parse(monday), total: 2, stages: { a: 2, b: 0 }, isOpen: false },
    { at: Date.parse(tuesday), total: 5, stages: { a: 4, b: 1 }, isOpen: false },
    { at: noon, total: 6, stages: { a: 5, b: 1 }, isOpen: true },
  ])
})

it('is empty where there are no periods', () => {
  expect(countMoments({ items: [], stages }, 0)).toEqual([])
})
