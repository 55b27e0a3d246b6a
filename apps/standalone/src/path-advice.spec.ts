import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { compileCycle } from '#cycle'
import { FilledFolder } from '../../../test/fixtures/serving/filled-folder.ts'
import { pathAdvice } from './path-advice.ts'

const shopper: CycleDefinition = {
  cycle: 'shopper',
  version: 1,
  actor: 'user',
  timezone: 'UTC',
  grace: '1d',
  stages: [{ id: 'buyer', title: 'Buyer', kind: 'active' }],
  signals: { order: { event: 'Order Completed', where: { 'properties.Cds': { gte: 1 } } } },
  transitions: [{ id: 'first', from: 'start', to: 'buyer', trigger: 'order' }],
}
const artists: CycleDefinition = { ...shopper, cycle: 'artists', actor: { type: 'artist', id: 'properties.artistId' } }
const definitionsOf = (...cycles: CycleDefinition[]) => cycles.map((cycle) => ({ cycle: compileCycle(cycle) }))

let filled: FilledFolder
beforeEach(() => {
  filled = new FilledFolder(shopper)
})
afterEach(() => filled.close())

const ask = (...cycles: CycleDefinition[]) => pathAdvice({ data: filled.home.path, definitions: definitionsOf(...cycles) })
const eventText = (number: number, properties: object): string =>
  JSON.stringify({
    ...{ id: `e${number}`, type: 'track', event: 'Order Completed', actor: { type: 'user', id: 'ann' } },
    ...{ time: '2026-01-01T00:00:00.000Z', receivedAt: '2026-01-01T00:00:00.000Z', properties },
  })
const append = (count: number, properties: object) =>
  filled.folder.writer.append(
    0,
    Array.from({ length: count }, (_, number) => `${eventText(number, properties)}\n`),
  )

it('of a folder without a log there is no warning', async () => {
  expect(await pathAdvice({ data: join(filled.home.path, 'none'), definitions: definitionsOf(shopper) })).toEqual([])
  expect(await ask(shopper, artists)).toEqual([])
})

it('of a cycle that was folded a path that the fold never met is reported, with a similar name', async () => {
  for (let day = 0; day < 100; day++) filled.order('ann', day)
  await filled.commit()
  expect(await ask(shopper)).toEqual([
    expect.stringMatching(/^Cycle shopper: 100 events so far in which the definition reads `properties\.Cds`, .*there is `properties\.cds`\. Compare/),
  ])
})

it('of a cycle that was not folded a path that the newest events lack is reported, also that of its actor', async () => {
  await append(99, { Cds: 1 })
  expect(await ask(artists)).toEqual([])
  await append(1, { Cds: 1, artist_id: 'x' })
  expect(await ask(artists)).toEqual([
    expect.stringMatching(
      /^Cycle artists, in the newest part of the log: 100 events so far in which the definition reads `properties\.artistId`, .*none has a value/,
    ),
  ])
  await append(1, { Cds: 1, artistId: 'y' })
  expect(await ask(artists)).toEqual([])
})
