import { describe, expect, it } from '@jest/globals'
import { compileCycle } from '../compile/compile-cycle.ts'
import { readDefinition } from '../definition/read-definition.ts'
import { missingPaths } from './describe-paths.ts'
import { joinPathCounts, PathCounts } from './path-counts.ts'

const TEXT = `
cycle: c
version: 1
actor: { type: musician, id: [properties.artistId, properties.hosts] }
stages: [{ id: x, kind: active }, { id: y, kind: active }]
signals:
  play: { event: Play, where: { all: [{ properties.ms: { gt: 0 } }, { not: { properties.skipped: true } }, { context.bot: { exists: false } }] } }
  like: { event: "Like *" }
measures:
  paid: { sum: play, of: properties.cents }
transitions:
  - { id: first, from: start, to: x, trigger: [play, like] }
  - { id: second, from: x, to: y, trigger: like, when: { traits.plan: pro, paid: { gt: 1 }, properties.free: { ne: true } } }
`
const reading = readDefinition(TEXT, 'c.yaml')
if (reading.definition === undefined) throw new Error(JSON.stringify(reading.defects))
const cycle = compileCycle(reading.definition)

describe('the paths of a definition', () => {
  it('are those without which a condition, a measure or an address has no value', () => {
    const [play, like] = [1, 2]
    expect(Object.fromEntries(cycle.readPaths.map(({ path, signals }) => [path, signals]))).toEqual({
      'properties.artistId': play | like,
      'properties.hosts': play | like,
      'properties.ms': play,
      'properties.cents': play,
      'traits.plan': like,
    })
  })

  it('are counted in events whose name a signal has, also where its condition does not hold', () => {
    const counts = new PathCounts(cycle)
    counts.saw({ event: 'Other' })
    expect(counts.record()).toEqual({})
    counts.saw({ event: 'Play', properties: { artist_id: 'a', ms: 0, cents: null } })
    counts.saw({ event: 'Like it', properties: { artistid: 'a' }, traits: { Plan: 'pro' } })
    expect(counts.record()).toEqual({
      'properties.artistId': { missing: 2, had: 0, near: 'properties.artist_id' },
      'properties.hosts': { missing: 2, had: 0 },
      'properties.ms': { missing: 0, had: 1 },
      'properties.cents': { missing: 1, had: 0 },
      'traits.plan': { missing: 1, had: 0, near: 'traits.Plan' },
    })
  })

  it('are missing where no event had them, or none of very many since', () => {
    const counts = { a: { missing: 7, had: 0 }, b: { missing: 9_999, had: 1 }, c: { missing: 10_000, had: 1, near: 'd' } }
    expect(missingPaths(counts)).toEqual([
      { path: 'a', events: 7, wasSeen: false, near: null },
      { path: 'c', events: 10_000, wasSeen: true, near: 'd' },
    ])
    expect(missingPaths(counts, 8).map(({ path }) => path)).toEqual(['c'])
    expect(joinPathCounts([counts, { a: { missing: 0, had: 2 } }])['a']).toEqual({ missing: 7, had: 2 })
  })

  it('are counted on from what is stored', () => {
    const counts = new PathCounts(cycle)
    counts.load({ 'properties.ms': { missing: 3, had: 0, near: 'properties.msec' }, 'of.an.older.release': { missing: 1, had: 1 } })
    counts.saw({ event: 'Play' })
    expect(counts.record()['properties.ms']).toEqual({ missing: 4, had: 0, near: 'properties.msec' })
    expect(Object.keys(counts.record())).not.toContain('of.an.older.release')
  })
})
