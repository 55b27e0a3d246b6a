import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { CycleDefinition, Output } from '#contracts'
import { compileCycle, formatDefect, PartitionFold, readDefinition, runScenarios } from '#cycle'
import { checkScenario } from './oracle/scenarios.ts'

const root = dirname(import.meta.dirname)
const shipped = globSync('deploy/cycles/*.yaml', { cwd: root }).sort()
const forTests = globSync('test/fixtures/cycles/*.yaml', { cwd: root }).sort()

const readingOf = (file: string) => readDefinition(readFileSync(join(root, file), 'utf8'), file)

function definitionOf(file: string): CycleDefinition {
  const { definition, defects } = readingOf(file)
  if (definition === undefined) throw new Error(defects.map(formatDefect).join('\n'))
  return definition
}

describe('the definitions', () => {
  it('are found', () => {
    expect(shipped).toEqual(['deploy/cycles/listener.yaml', 'deploy/cycles/musician.yaml', 'deploy/cycles/shopper.yaml'])
    expect(forTests.length).toBeGreaterThan(1)
  })

  it.each([...shipped, ...forTests])('of %s have the histories of their scenarios, by the fold and by the oracle', (file) => {
    const definition = definitionOf(file)
    expect(runScenarios(definition).flatMap(({ title, differences }) => differences.map((difference) => `${title}: ${difference}`))).toEqual([])
    expect((definition.scenarios ?? []).flatMap((scenario) => checkScenario(definition, scenario))).toEqual([])
  })
})

describe('the shipped definition', () => {
  // Purchases that have only a date can be at the same instant as deadlines at midnight. Then the order of the file is right.
  it.each(shipped)('%s has no warnings but of windows, and of deadlines that may meet', (file) => {
    expect(
      readingOf(file)
        .defects.map(formatDefect)
        .filter((defect) => !defect.includes('a window can run out exactly at a deadline')),
    ).toEqual([])
  })

  it.each(shipped)('%s shows each of its stages and rules in a scenario', (file) => {
    const { stages, transitions, scenarios = [] } = definitionOf(file)
    const lines = scenarios.flatMap(({ then }) => then).filter(({ notice }) => notice !== true)
    const [entered, applied] = [new Set(lines.map(({ to }) => to)), new Set(lines.map(({ rule }) => rule))]
    expect(stages.filter(({ id }) => !entered.has(id))).toEqual([])
    expect(transitions.filter(({ id }) => !applied.has(id))).toEqual([])
  })

  it.each(shipped)('%s can go live: its grace is at least an hour', (file) => {
    expect(compileCycle(definitionOf(file)).graceMs).toBeGreaterThanOrEqual(3_600_000)
  })
})

/** The number of customers in the CDNOW data set. */
const CUSTOMERS = 23_570

describe('the shopper definition over the CDNOW purchases', () => {
  const stageOf = new Map<string, string>()
  const everIn = new Map<string, Set<string>>()
  const rules = new Set<string>()

  beforeAll(() => {
    const output = ({ kind, actor, to, rule }: Output): void => {
      rules.add(rule)
      if (kind === 'notice') return
      stageOf.set(actor.id, to)
      everIn.set(to, (everIn.get(to) ?? new Set()).add(actor.id))
    }
    const fold = new PartitionFold(compileCycle(definitionOf('deploy/cycles/shopper.yaml')), { output }, { replay: true })
    for (const event of purchases()) {
      fold.apply(event)
    }
  })

  it('ends with the numbers in its comment, and every stage has actors', () => {
    const counts: Record<string, number> = {}
    for (const stage of stageOf.values()) counts[stage] = (counts[stage] ?? 0) + 1
    expect(counts).toEqual({ connection: 820, interaction: 199, retention: 667, commitment: 658, disengagement: 19_643, 're-engagement': 1583 })
    expect(stageOf.size).toBe(CUSTOMERS)
  })

  it('makes one customer in seven a regular, and one in sixteen a collector', () => {
    expect(Math.round(CUSTOMERS / (everIn.get('retention')?.size ?? 0))).toBe(7)
    expect(Math.round(CUSTOMERS / (everIn.get('commitment')?.size ?? 0))).toBe(16)
  })

  it('uses every rule', () => {
    expect([...rules].sort()).toEqual(
      definitionOf('deploy/cycles/shopper.yaml')
        .transitions.map(({ id }) => id)
        .sort(),
    )
  })
})

function purchases() {
  const [, ...lines] = gunzipSync(readFileSync(join(root, 'test/fixtures/data/cdnow_master.csv.gz')))
    .toString()
    .trim()
    .split('\n')
  const events = lines.map((line, i) => {
    const [customer = '', date = '', cds, dollars] = line.split(',')
    const time = Date.parse(date)
    const properties = { cds: Number(cds), dollars: Number(dollars) }
    const objects = { properties, traits: undefined, context: undefined }
    return { id: String(i).padStart(6, '0'), actorType: 'user', actorId: customer, event: 'Order Completed', time, arrival: time, ...objects }
  })
  return events.sort((a, b) => a.time - b.time)
}
