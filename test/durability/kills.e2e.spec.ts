import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { defectsOf } from './defects.ts'
import { readCycles } from './folder-contents.ts'
import { Importer } from './importer.ts'
import { type Aim, killOnce, phases } from './kills.ts'
import { Load } from './load.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const KILLS = isLong ? 204 : 24
const KILLS_PER_FOLDER = 12
const edges: Aim[] = phases.flatMap((phase): Aim[] => [`${phase} enter`, `${phase} leave`])
// Half of the kills happen at a random time, not at a point of a phase.
const aimOf = (kill: number): Aim => (kill % 2 === 0 ? 'anywhere' : (edges[Math.floor(kill / 2) % edges.length] as Aim))

/** Another cycle over the same events: its absences are longer, and a third order does not move anybody. */
const CALM = PULSE.replace('cycle: pulse', 'cycle: calm').replace('absence: 1500ms', 'absence: 3s').replace('gte: 3', 'gte: 5')
const [pulse, calm] = [PULSE, CALM].map((text) => readDefinition(text, 'pulse.yaml').definition) as [CycleDefinition, CycleDefinition]
/** In each second folder another cycle is added after so many kills, before the first one in the list. */
const KILLS_ALONE = 3

describe('a standalone process that is killed repeatedly under load', () => {
  const fell = new Map<string, number>()

  for (let folder = 0; folder < KILLS / KILLS_PER_FOLDER; folder++) {
    it(`keeps the events that it answered, and publishes the outputs of a run without kills (folder ${folder + 1})`, async () => {
      using home = temporaryFolder()
      const [pulseFile, calmFile] = [join(home.path, 'pulse.yaml'), join(home.path, 'calm.yaml')]
      writeFileSync(pulseFile, PULSE)
      writeFileSync(calmFile, CALM)
      const hasTwo = folder % 2 === 1
      const [load, importer] = [new Load(), new Importer()]
      for (let kill = 0; kill < KILLS_PER_FOLDER; kill++) {
        const definitions = hasTwo && kill >= KILLS_ALONE ? [calmFile, pulseFile] : [pulseFile]
        const fellIn = await killOnce({ aim: aimOf(folder * KILLS_PER_FOLDER + kill), folder: home.path, definitions, load, importer })
        for (const phase of fellIn.length === 0 ? ['none of them'] : fellIn) fell.set(phase, (fell.get(phase) ?? 0) + 1)
      }
      process.stderr.write(`${(folder + 1) * KILLS_PER_FOLDER} kills fell: ${[...fell].map(([phase, count]) => `${phase} ${count}`).join(', ')}\n`)
      const cycles = hasTwo ? [calm, pulse] : [pulse]
      for (const [at, contents] of (await readCycles(join(home.path, 'data'), cycles)).entries()) {
        expect(defectsOf(cycles[at] as CycleDefinition, contents, { load, importer }).slice(0, 20)).toEqual([])
        expect(contents.feed.length).toBeGreaterThan(100)
      }
      expect([...load.events.values()].filter(({ answered }) => answered > 0).length).toBeGreaterThan(100)
    })
  }

  it('was killed in every phase at least once', () => {
    const least = isLong ? 10 : 1
    for (const phase of phases) {
      expect([phase, (fell.get(phase) ?? 0) >= least]).toEqual([phase, true])
    }
  })
})
