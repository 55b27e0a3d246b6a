// `npm run bench:archive -- SCALE`: a year of 1,000,000 events a day, with 1/SCALE of the events, actors and ticks of each day; docs/guides/operate.md has the figures.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FolderArchive, readArchive, verifiedEnd, writeArchive } from '#archive'
import { type CompiledCycle, compileCycle, readDefinition } from '#cycle'
import { FolderHistory, type OwnedPartition, openFolderTrim } from '#event-log'
import { neededBeginning, runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { root } from '../../../scripts/root.ts'
import { machine } from '../table.ts'
import { YearOfEvents } from './year-of-events.ts'

const DAY_MS = 86_400_000
const DAYS = 365
const START = Date.UTC(2025, 10, 29)
const KEPT_DAYS = 7
const scale = Number(process.argv[2] ?? 100)
const size = { actors: 200_000 / scale, eventsPerDay: 1_000_000 / scale, ticksPerDay: 86_400 / scale }

using home = temporaryFolder()
const [data, archive] = [join(home.path, 'data'), join(home.path, 'archive')]
const file = join(root, 'deploy', 'cycles', 'listener.yaml')
const { definition } = readDefinition(readFileSync(file, 'utf8'), file)
const cycle = compileCycle(definition as NonNullable<typeof definition>)
const say = (what: string, value: string | number): void =>
  void process.stdout.write(`${what.padEnd(60)} ${typeof value === 'number' ? value.toLocaleString('en') : value}\n`)

/** The bytes of the files in a folder whose names begin so. */
function bytesOf(folder: string, beginning = ''): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.startsWith(beginning))
  return names.map((name) => statSync(join(folder, name))).reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

/** Folds to the end of the log. @returns the seconds that it took */
async function fold(of: CompiledCycle, last: number): Promise<number> {
  const began = performance.now()
  const reader = cycleLogReader(data, { openArchive: async (path, log) => new FolderArchive(path, log) })
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const report = (progress: { kind: string; offset?: number }): void => {
    if (progress.kind === 'committed' && progress.offset === last) end.abort()
  }
  // A round of checkpoints is scaled too, so that a restore needs the same share of a day as in the whole service.
  await runPartition(owned, of, { signal: end.signal, waitMs: 0, limits: { checkpointRound: 1_000_000 / scale }, report })
  await reader.close()
  return (performance.now() - began) / 1000
}

/** The digest of all outputs, late events and positions. */
async function digestOfFold(): Promise<{ outputs: number; digest: string }> {
  const folder = openCycleFolder(data, cycle)
  const state = folder.stateReader()
  const hash = createHash('sha256')
  let outputs = 0
  for (let after = 0; ; ) {
    const page = await state.read(after, 10_000)
    for (const { output } of page) hash.update(`${output}\n`)
    outputs += page.length
    after = page.at(-1)?.cursor ?? after
    if (page.length === 0) break
  }
  hash.update(JSON.stringify([await state.position(0), await state.late(0, 10_000), await state.names(0)]))
  state.close()
  await folder.close()
  return { outputs, digest: hash.digest('hex') }
}

function checkpointBytes(): number {
  const db = new DatabaseSync(join(data, 'state.db'), { readOnly: true })
  const bytes = Number(db.prepare('SELECT sum(length(bytes)) AS bytes FROM checkpoints').get()?.['bytes'])
  db.close()
  return bytes
}

process.stdout.write(`${machine()}\n\n`)
say('scale', `1/${scale}: ${size.eventsPerDay} events, ${size.ticksPerDay} ticks a day, ${size.actors} actors, ${DAYS} days`)
const folder = openCycleFolder(data, cycle)
const year = new YearOfEvents(size)
let [frames, characters] = [0, 0]
for (let day = 0; day < DAYS; day++) {
  const today = year.framesOf(START, day)
  characters += today.reduce((sum, frame) => sum + frame.length, 0)
  frames += today.length
  await folder.writer.append(0, today)
  if (day % 91 === 90) say(`log.db after ${day + 1} days`, bytesOf(data, 'log.db'))
}
await folder.close()
say('frames', frames)
say('characters of the log', characters)
say('seconds of the fold of the log', Math.round(await fold(cycle, frames - 1)))
const before = await digestOfFold()
say('outputs', before.outputs)
say('log.db, without an archive', bytesOf(data, 'log.db'))
say('state.db', bytesOf(data, 'state.db'))
say('checkpoints in state.db', checkpointBytes())
let began = performance.now()
const log = new FolderHistory(data)
await writeArchive({ archive, log })
say('seconds to write the archive', Math.round((performance.now() - began) / 1000))
say('archive', bytesOf(archive))
say('files of the archive', readArchive(archive).flatMap(({ files }) => files).length)
began = performance.now()
const { offset: needed } = neededBeginning(await log.checkpoints(0))
const below = await verifiedEnd(archive, log, { partition: 0, needed, before: START + (DAYS - KEPT_DAYS) * DAY_MS })
log.close()
const trim = openFolderTrim(data, 1)
await trim.trim([{ partition: 0, begin: 0, below, archive }], false)
await trim.close()
say('seconds to compare and trim', Math.round((performance.now() - began) / 1000))
say(`log.db, with an archive and ${KEPT_DAYS} days kept`, bytesOf(data, 'log.db'))
for (const name of readdirSync(data).filter((each) => each.startsWith('state.db'))) rmSync(join(data, name))
const remade = openCycleFolder(data, cycle)
await remade.close()
say('seconds of the rebuild from archive and log', Math.round(await fold(cycle, frames - 1)))
const after = await digestOfFold()
say('the rebuild gives the same bytes', String(after.digest === before.digest && after.outputs === before.outputs))
