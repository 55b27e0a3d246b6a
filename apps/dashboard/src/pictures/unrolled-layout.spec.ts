import { expect, it } from '@jest/globals'
import { type Movement, unrolledLayout } from './unrolled-layout.ts'

const movement = (from: number, source: string | null, target: string, actors: number): Movement => ({ from, until: from + 1, source, target, actors })
// From a to b, away, and back to a: a circle, in which no band may lead back.
const circle = [
  movement(0, 'a', 'b', 4),
  movement(0, 'a', 'a', 6),
  movement(0, null, 'a', 3),
  movement(1, 'b', 'away', 4),
  movement(1, 'a', 'a', 9),
  movement(2, 'away', 'a', 4),
  movement(2, 'a', 'a', 9),
]
const shape = { stages: ['a', 'b', 'away'], width: 600, height: 300 }

it('a cycle over time has a column for each moment, with those who stood in each stage', () => {
  const { nodes, columns } = unrolledLayout(circle, shape)
  expect(columns.map(({ at }) => at)).toEqual([0, 1, 2, 3])
  const counted = nodes.map(({ column, stage, actors }) => `${column} ${stage}: ${actors}`)
  expect(counted.sort()).toEqual(['0 a: 10', '0 null: 3', '1 a: 9', '1 b: 4', '2 a: 9', '2 away: 4', '3 a: 13'])
  for (const { column, x, width } of nodes) expect(x + width / 2).toBeCloseTo(columns[column]?.x ?? Number.NaN)
})

it('heights and widths are in proportion to the actors, and stages stand in the order of the cycle', () => {
  const { nodes, bands } = unrolledLayout(circle, shape)
  const unit = (nodes.find(({ stage }) => stage === 'a')?.height ?? 0) / 10
  for (const { height, actors } of nodes) expect(height).toBeCloseTo(unit * actors)
  for (const {
    width,
    movement: { actors },
  } of bands)
    expect(width).toBeCloseTo(unit * actors)
  const second = nodes.filter(({ column }) => column === 1).sort((a, b) => a.y - b.y)
  expect(second.map(({ stage }) => stage)).toEqual(['a', 'b'])
})

it('is empty where nobody was', () => {
  expect(unrolledLayout([movement(0, 'a', 'b', 0)], shape).nodes).toEqual([])
})
