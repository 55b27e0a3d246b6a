import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Producer } from 'kafkajs'
import type { ActivityEvent } from '#contracts'
import type { KafkaSettings } from '#event-log'
import { temporaryFolder } from '#runtime'
import type { AppProcess } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { entriesOf, isControl, valuesOf } from '../fixtures/broker/log-contents.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const home = temporaryFolder()
const file = join(home.path, 'sources.yaml')
const source = (name: string, topic: string, { event = 'Beat', id = 'n', more = '' } = {}): string =>
  `  - name: ${name}\n    topic: ${topic}\n${more}    map: { id: ${id}, event: { text: ${event} }, actor: who, time: at }\n`
/** Renames a new file, as operators should. */
const sourcesAre = (...sources: readonly string[]): void => {
  writeFileSync(`${file}.new`, sources.length === 0 ? 'sources: []\n' : `sources:\n${sources.join('')}`)
  renameSync(`${file}.new`, file)
}
const hearts = source('hearts', 'shop.hearts')
const clicks = source('clicks', 'shop.clicks')

let cluster: LocalCluster
let settings: KafkaSettings
let producer: Producer
let count = 0
/** The ids in the log of everything that was sent. */
const sent: string[] = []

beforeAll(async () => {
  sourcesAre(hearts)
  cluster = await LocalCluster.start({
    folder: home.path,
    definition: join(import.meta.dirname, 'pulse.yaml'),
    partitions: 1,
    counts: { ingest: 1 },
    settings: { RONDO_SOURCES: file, RONDO_SHORT_GRACE: 'yes', RONDO_CATCH_UP: '0s', RONDO_SESSION: '10s' },
    // The user may also see that the last one does not exist.
    sourceTopics: ['shop.hearts', 'shop.clicks', 'shop.nothing'],
    beforeIngest: async ({ broker }) => {
      const kafka = plainClient(broker)
      const admin = kafka.admin()
      await admin.connect()
      await admin.createTopics({ topics: ['shop.hearts', 'shop.clicks'].map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })) })
      await admin.disconnect()
      producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
    },
  })
  settings = { ...cluster.broker.access, group: 'rondo', partitions: 1, replication: 1, identity: {} }
})
afterAll(async () => {
  await producer?.disconnect()
  await cluster?.stop()
  home[Symbol.dispose]()
})

async function send(name: string): Promise<void> {
  const messages = Array.from({ length: 20 }, (_, at) => {
    const n = `${name}-${count++}`
    sent.push(`${name}:${n}`)
    return { key: n, partition: at % 2, value: JSON.stringify({ n, who: `u${at}`, at: new Date().toISOString() }) }
  })
  await producer.send({ topic: `shop.${name}`, acks: -1, messages })
}
const entries = async () => entriesOf(await valuesOf(settings, 'activity', 0))
const events = async (): Promise<ActivityEvent[]> => (await entries()).filter((entry): entry is ActivityEvent => !isControl(entry))
const ids = async (): Promise<string[]> => (await events()).map(({ id }) => id).sort()
/** Everything that was sent is in the log, once. */
const untilAllRead = async (): Promise<void> => {
  await eventually(ids, (found) => new Set(found).size >= sent.length)
  expect(await ids()).toEqual([...sent].sort())
}
const ingest = () => cluster.of('ingest')[0]
const reload = () => post(`${ingest()?.url}/v1/reload`, '')

describe('sources that a reload changes', () => {
  it('are read beside the others when they are new, and from their position when they are back', async () => {
    await Promise.all([send('hearts'), send('clicks')])
    sourcesAre(hearts, clicks)
    expect((await reload()).body).toEqual({ changes: [{ name: 'source clicks', change: 'added with the topic shop.clicks' }] })
    await untilAllRead()
    sourcesAre(hearts)
    expect((await reload()).body).toMatchObject({ changes: [{ name: 'source clicks', change: expect.stringMatching(/^removed: .* its position is kept/) }] })
    const before = await ids()
    await Promise.all([send('clicks'), send('hearts')])
    // The removed one is not read meanwhile, the other is.
    await eventually(ids, ({ length }) => length === before.length + 20)
    // Another process may still read it with the ids that it had.
    sourcesAre(source('clicks', 'shop.clicks', { more: '    idScope: global\n' }), hearts)
    expect((await reload()).body).toMatchObject({ message: expect.stringContaining('source clicks: idScope cannot change at a reload') })
    sourcesAre(clicks, hearts)
    expect((await reload()).status).toBe(200)
    await untilAllRead()
    const audit = (await (await fetch(`${ingest()?.url}/v1/audit`)).json()) as { items: { kind: string; app: string }[] }
    expect(audit.items.map(({ kind, app }) => `${kind} ${app}`).sort()).toEqual([
      'reload-refused ingest',
      ...Array.from({ length: 3 }, () => 'reloaded ingest'),
    ])
  })

  it('are read with their new mapping from where the old one ended', async () => {
    sourcesAre(clicks, source('hearts', 'shop.hearts', { event: 'Pulse' }))
    expect((await reload()).body).toEqual({ changes: [{ name: 'source hearts', change: 'changed (map)' }] })
    await send('hearts')
    await untilAllRead()
    const names = (await events()).filter(({ id }) => id.startsWith('hearts:')).map(({ event }) => event)
    expect([names.filter((name) => name === 'Beat').length, names.filter((name) => name === 'Pulse').length]).toEqual([40, 20])
  })

  it.each([
    ['a defect in the file', 'hearts.yaml: [', 'this is not YAML'],
    ['a topic that does not exist', `sources:\n${hearts}${source('more', 'shop.nothing')}`, 'source more: There is no topic shop.nothing'],
    ['ids of another kind', `sources:\n${clicks}${source('hearts', 'shop.hearts', { id: 'who' })}`, 'map.id cannot change at a reload'],
    ['a topic of Rondo', `sources:\n${source('more', 'activity')}`, "is one of Rondo's own"],
  ])('are refused whole with %s, and the others continue', async (_, text, defect) => {
    writeFileSync(file, text)
    const { status, body } = await reload()
    expect([status, body['message']]).toEqual([409, expect.stringContaining(defect)])
    await Promise.all([send('hearts'), send('clicks')])
    await untilAllRead()
  })

  it('hold no time once they are retired', async () => {
    sourcesAre(hearts, source('clicks', 'shop.clicks', { more: '    retired: true\n' }))
    expect((await reload()).body).toMatchObject({
      changes: [
        { name: 'source hearts', change: 'changed (map)' },
        { name: 'source clicks', change: expect.stringContaining('retired') },
      ],
    })
    const closed = async () =>
      (await entries()).filter((entry) => isControl(entry) && entry.record === 'writer.close').map((entry) => 'writer' in entry && entry.writer)
    expect((await eventually(closed, ({ length }) => length === 2)).sort()).toEqual(['source:clicks/0', 'source:clicks/1'])
    await send('hearts')
    await untilAllRead()
  })

  it('lose nothing when the process is killed at the act of the reload, and are those of the file at the next start', async () => {
    const faults = join(home.path, 'faults')
    writeFileSync(faults, '')
    await ingest()?.stop()
    const held = await cluster.launch('ingest', { RONDO_FAULT_LOG: faults, RONDO_FAULT_HOLD: 'reload leave 60000' }).ready()
    sourcesAre(clicks)
    await Promise.all([send('hearts'), send('clicks')])
    const answer = reload().catch(() => undefined)
    await eventually(() => readFileSync(faults, 'utf8').includes(' held\n'), Boolean)
    await held.kill()
    await answer
    await cluster.launch('ingest').ready()
    await eventually(ids, (found) => sent.filter((id) => id.startsWith('clicks:')).every((id) => found.includes(id)))
    sourcesAre(clicks, hearts)
    expect((await reload()).status).toBe(200)
    await eventually(ids, (found) => sent.every((id) => found.includes(id)))
  })

  it('are read whole by two processes of which one has the new file before the other', async () => {
    const other = await cluster.launch('ingest').ready()
    const read = async (process: AppProcess | undefined) => /^rondo_source_up\{.*hearts.*1$/m.test((await process?.metrics()) ?? '')
    await eventually(
      async () => [await read(ingest()), await read(other)],
      ([one, two]) => one === true && two === true,
    )
    sourcesAre(clicks, source('hearts', 'shop.hearts', { event: 'Pulse' }))
    await send('hearts')
    for (const process of [ingest(), other]) {
      expect((await post(`${process?.url}/v1/reload`, '')).body).toEqual({ changes: [{ name: 'source hearts', change: 'changed (map)' }] })
      await send('hearts')
    }
    // Records of a partition that moved may be in the log twice, with one id: the fold drops copies.
    expect([...new Set(await eventually(ids, (found) => new Set(found).size >= sent.length))].sort()).toEqual([...sent].sort())
    await other.stop()
  })
})
