// Rule 22 on a broker: an event that names actors of other partitions counts once for each of them, from every way into the log.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { partitionOf } from '#event-log'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const PARTITIONS = 3
const MUSICIANS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5']
const definition = `
cycle: musician
version: 1
actor: { type: musician, id: properties.artists }
grace: 1h
stages: [{ id: heard, kind: active }, { id: loved, kind: active }]
signals: { play: { event: Played } }
measures: { plays: { count: play } }
transitions:
  - { id: first, from: start, to: heard, trigger: play }
  - { id: tenth, from: heard, to: loved, trigger: play, when: { plays: { gte: 10 } } }
`

const home = temporaryFolder()
let cluster: LocalCluster
beforeAll(async () => {
  const file = join(home.path, 'musician.yaml')
  writeFileSync(file, definition)
  cluster = await LocalCluster.start({
    folder: join(home.path, 'cluster'),
    definition: file,
    partitions: PARTITIONS,
    counts: { ingest: 1, processor: 1, serving: 1 },
  })
})
afterAll(async () => {
  await cluster?.stop()
  home[Symbol.dispose]()
})

const urlOf = (app: 'ingest' | 'serving'): string => cluster.of(app)[0]?.url ?? ''
const get = async (path: string): Promise<unknown> => (await fetch(`${urlOf('serving')}${path}`)).json()

/** Each of the twelve listeners plays to every musician once. */
const batch = [
  ...Array.from({ length: 12 }, (_, n) => ({ type: 'track', event: 'Played', userId: `u${n}`, messageId: 'same', properties: { artists: MUSICIANS } })),
  { type: 'track', event: 'Played', userId: 'u0', messageId: 'nobody' },
]

it("moves each musician once, in the musician's own partition, also after copies and a kill of the processor", async () => {
  expect(new Set(MUSICIANS.map((id) => partitionOf(id, PARTITIONS))).size).toBe(PARTITIONS)
  expect(await post(`${urlOf('ingest')}/v1/batch`, { batch: batch.slice(0, 7) })).toMatchObject({ status: 200 })
  await eventually(
    () => get('/v1/cycles/musician/stages'),
    (answer) => (answer as { total: number }).total === MUSICIANS.length,
  )
  await cluster.of('processor')[0]?.kill()
  // The first half again, which are copies.
  expect(await post(`${urlOf('ingest')}/v1/batch`, { batch })).toMatchObject({ status: 200 })
  await cluster.launch('processor').ready()
  const loved = await eventually(
    () => get('/v1/cycles/musician/stages/loved/actors'),
    (answer) => (answer as { items: unknown[] }).items.length === MUSICIANS.length,
  )
  expect((loved as { items: { actor: { id: string } }[] }).items.map(({ actor }) => actor.id).sort()).toEqual(MUSICIANS)
  for (const id of MUSICIANS) {
    const { history } = (await get(`/v1/actors/musician/${id}`)) as { history: { output: Output; grounds: string[] }[] }
    expect(history.map(({ output }) => [output.actor, output.to])).toEqual([
      [{ type: 'musician', id }, 'loved'],
      [{ type: 'musician', id }, 'heard'],
    ])
    // The tenth listener: the events of one request are in its order in every partition.
    expect(history[0]?.output.evidence.measures).toEqual({ plays: 10 })
    expect(history[0]?.output.evidence.event).toBe('same/user/u9')
    expect(history[0]?.grounds).toContainEqual('caused by event same of user u9')
  }
  const remarks = await eventually(
    () => get('/v1/cycles/musician/remarks'),
    (answer) => (answer as { addressing?: { events: number } }).addressing?.events === 20,
  )
  // 7 events, these as copies, 5 more, and one that names nobody.
  expect(remarks).toMatchObject({
    addressing: { paths: ['properties.artists'], events: 20, missing: 1, unreached: 0 },
    counts: { 'not-addressed': 1, duplicate: 42, applied: 72 },
  })
})
