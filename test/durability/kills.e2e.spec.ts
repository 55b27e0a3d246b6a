import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { LISTENER, MUSICIAN } from '../fixtures/cycles/music.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { musicAction } from '../fixtures/music-service.ts'
import { startApp } from '../fixtures/processes/running-app.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import { defectsOf } from './defects.ts'
import { type FolderContents, readCycles } from './folder-contents.ts'
import { historyDefects } from './history-defects.ts'
import { Importer, visits } from './importer.ts'
import { type Aim, killOnce, phases } from './kills.ts'
import { type Action, Load, visitOrOrder } from './load.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const KILLS = isLong ? 204 : 24
const KILLS_PER_FOLDER = 12
const edges: Aim[] = phases.flatMap((phase): Aim[] => [`${phase} enter`, `${phase} leave`])
// A quarter of the kills happen at a random time, not at a point of a phase.
const aimOf = (kill: number): Aim => (kill % 4 === 0 ? 'anywhere' : (edges[(kill - 1 - Math.floor(kill / 4)) % edges.length] as Aim))

/** A cycle of a folder whose process was killed. */
interface Killed {
  readonly path: string
  readonly definition: CycleDefinition
  readonly contents: FolderContents
}

const definitionOf = (text: string): CycleDefinition => readDefinition(text, 'cycle.yaml').definition as CycleDefinition
const PULSE_ALONE = [PULSE]
/** The shipped pair, the second of which is added after so many kills, before the first one in the list. */
const PAIR = [MUSICIAN, LISTENER]
const KILLS_ALONE = 3
const MUSICIANS = 300
const random = new SeededRandom(Date.now())
const anyone = (): number => Math.floor(random.share() * MUSICIANS)
/** The steps of musicians are more frequent than in a real service, so that a short load leads them through their cycle. */
const musicianStep = (): Action => {
  const event = ['Identity Verified', 'Musician Page Opened', 'Work Published', 'Musician Followed'][Math.floor(random.share() * 4)] ?? ''
  return { event, properties: { artistId: `a${anyone()}` } }
}
const music = (): Action => (random.share() < 0.4 ? musicianStep() : musicAction(random, anyone))
/** A row in ten is about musicians of the live load, so that their published outputs are corrected. */
const musicBefore = (row: number): Action => musicAction(random, row % 10 === 0 ? anyone : () => MUSICIANS + anyone())
const OUTPUT = '"output":'

/** What a Rondo with one cycle publishes over a copy of the same log, up to so many outputs: its own ticks come behind. */
async function feedAlone(home: string, definition: string, count: number): Promise<string> {
  using alone = temporaryFolder()
  cpSync(join(home, 'data', 'log.db'), join(alone.path, 'log.db'))
  const app = await startApp({ args: ['--data', alone.path, '--definition', definition, '--short-grace', '--catch-up', '0s'] })
  const feed: string[] = []
  for (let after = ''; feed.length < count; ) {
    const page = await fetch(`${app.url}/v1/transitions?limit=1000&wait=1${after}`, { headers: { accept: 'application/x-ndjson' } })
    const lines = (await page.text()).split('\n').slice(0, -1)
    // A line is a cursor and an output, whose bytes are compared.
    feed.push(...lines.map((line) => line.slice(line.indexOf(OUTPUT) + OUTPUT.length, -1)))
    after = `&after=${page.headers.get('rondo-next')}`
  }
  await app.stop()
  return feed.slice(0, count).join('\n')
}

describe('a standalone process that is killed repeatedly under load', () => {
  const fell = new Map<string, number>()
  const homes: TemporaryFolder[] = []
  /** What is in the folders, for each cycle. */
  const killed = new Map<number, Killed[]>()
  const remember = (folder: number, cycle: Killed): void => void killed.set(folder, [...(killed.get(folder) ?? []), cycle])
  afterAll(() => {
    for (const home of homes) home[Symbol.dispose]()
  })

  for (let folder = 0; folder < KILLS / KILLS_PER_FOLDER; folder++) {
    it(`keeps the events that it answered, and publishes the outputs of a run without kills (folder ${folder + 1})`, async () => {
      const home = temporaryFolder()
      homes.push(home)
      const hasTwo = folder % 2 === 1
      const texts = hasTwo ? PAIR : PULSE_ALONE
      const files = texts.map((text, at) => {
        const file = join(home.path, `cycle-${at}.yaml`)
        writeFileSync(file, text)
        return file
      })
      const [load, importer] = hasTwo ? [new Load(music), new Importer(musicBefore)] : [new Load(visitOrOrder), new Importer(visits)]
      for (let kill = 0; kill < KILLS_PER_FOLDER; kill++) {
        const definitions = kill >= KILLS_ALONE ? files : files.slice(-1)
        const fellIn = await killOnce({ aim: aimOf(folder * KILLS_PER_FOLDER + kill), folder: home.path, definitions, load, importer })
        for (const phase of fellIn.length === 0 ? ['none of them'] : fellIn) fell.set(phase, (fell.get(phase) ?? 0) + 1)
      }
      process.stderr.write(`${(folder + 1) * KILLS_PER_FOLDER} kills fell: ${[...fell].map(([phase, count]) => `${phase} ${count}`).join(', ')}\n`)
      const cycles = texts.map(definitionOf)
      for (const [at, contents] of (await readCycles(join(home.path, 'data'), cycles)).entries()) {
        expect(defectsOf(cycles[at] as CycleDefinition, contents, { load, importer }).slice(0, 20)).toEqual([])
        remember(folder, { path: join(home.path, 'data'), definition: cycles[at] as CycleDefinition, contents })
        expect(contents.feed.length).toBeGreaterThan(100)
        if (hasTwo) expect(await feedAlone(home.path, files[at] as string, contents.feed.length)).toBe(contents.feed.join('\n'))
      }
      expect([...load.events.values()].filter(({ answered }) => answered > 0).length).toBeGreaterThan(100)
    })

    it(`has the history that follows from its log and its outputs (folder ${folder + 1})`, async () => {
      for (const { path, definition, contents } of killed.get(folder) ?? []) expect(await historyDefects(path, definition, contents)).toEqual([])
      expect(killed.get(folder)?.length).toBeGreaterThan(0)
    })
  }

  it('was killed in every phase at least once', () => {
    const least = isLong ? 10 : 1
    for (const phase of phases) {
      expect([phase, (fell.get(phase) ?? 0) >= least]).toEqual([phase, true])
    }
  })
})
