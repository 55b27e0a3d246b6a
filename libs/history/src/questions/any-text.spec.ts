import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '#runtime'
import { fillHistory, outputOf } from '../../../../test/fixtures/history/filled-history.ts'
import { HistoryFile } from '../store/history-file.ts'
import { activityBy } from './activity.ts'
import { type AtRiskActor, atRisk } from './at-risk.ts'
import { breakdownBy, knownTraitNames, knownTraits } from './breakdown.ts'
import { countsBy } from './counts.ts'
import { dwellBy } from './dwell.ts'
import { exportInto } from './export.ts'
import { flowsBy } from './flows.ts'
import { lifecycleBy } from './lifecycle.ts'
import { movementsBy } from './movements.ts'
import { countMoves, type Move, movesOf } from './moves.ts'
import { retentionBy } from './retention.ts'
import { returnsBy } from './returns.ts'
import { membersAt, type StandingActor, stagesAt } from './stages-at.ts'
import { survivalOf } from './survival.ts'

const DAY = 86_400_000
const T = Date.UTC(2026, 0, 1)
const period = { from: T, until: T + 10 * DAY }
const range = { ...period, by: 'day', zone: 'UTC' } as const

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

/** What decoders, parsers and SQL take for something else: a mark of the order of bytes, the end of a text, a quote, what stands for broken text. */
const pieces = ['\ufeff', '\0', "'", '"', '\\', '$id', '\n', '\u2028', '\ufffd', '😀', 'a', 'a text that does not fit into a row', ' ']
const pieced = fc.array(fc.constantFrom(...pieces), { maxLength: 3 }).map((some) => some.join(''))
const textArb = fc.oneof(pieced, fc.string({ unit: 'binary', maxLength: 20 }))
const idArb = textArb.filter((text) => text !== '')
const caseArb = fc.record({
  ids: fc.uniqueArray(idArb, { minLength: 1, maxLength: 5 }).map((ids) => [...new Set([...ids, ...ids.map((id) => `\ufeff${id}`)])]),
  trait: textArb,
  values: fc.array(textArb, { minLength: 1, maxLength: 3 }),
  stages: fc.uniqueArray(idArb, { minLength: 2, maxLength: 2 }).filter((stages) => !stages.includes('start')),
  cause: textArb,
})
type Case = typeof caseArb extends fc.Arbitrary<infer T> ? T : never

const byBytes = (a: string | null, b: string | null): number => (a === null || b === null ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)))
const sorted = (texts: Iterable<string>): string[] => [...texts].sort(byBytes)
const opened = (path: string): Promise<HistoryFile> => HistoryFile.open({ path, actorType: 'user', partitions: 1, identity: { cycle: 'test' } })

/** Every second actor goes away; the others are at risk. The file is opened again in between, and each batch follows one that failed. */
async function written(path: string, { ids, trait, values, stages: [here = '', away = ''], cause }: Case): Promise<void> {
  const traits = ids.map((id, at) => [id, trait, values[at % values.length] ?? '', T] as const)
  const active = ids.map((id) => [id, T] as const)
  const entries = ids.map((actorId) => outputOf({ actorId, seq: 1, at: T, from: 'start', to: here, cause }))
  const later = ids.map((actorId, at) =>
    outputOf({ actorId, seq: 2, at: T + DAY, from: here, to: at % 2 === 0 ? here : away, cause, kind: at % 2 === 0 ? 'notice' : 'disengage' }),
  )
  for (const outputs of [entries, later]) {
    const history = await opened(path)
    const unknown = outputOf({ actorId: ids[0] ?? '', seq: 9, at: T + 5 * DAY, from: here, to: away, retractsSeq: 8 })
    await expect(fillHistory(history, { outputs: [unknown], active })).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
    await fillHistory(history, { outputs, active, traits, logTime: T + 2 * DAY })
    await fillHistory(history, { active, traits, logTime: T + 2 * DAY })
    await history.close()
  }
}

/** All parts of a list, each of one row; it fails where the list does not end. */
async function inParts<Row>(rowsMax: number, partAfter: (after: Row | undefined) => Promise<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for (let part = await partAfter(undefined); part.length > 0; part = await partAfter(rows.at(-1))) {
    rows.push(...part)
    expect(rows.length).toBeLessThanOrEqual(rowsMax)
  }
  return rows
}

async function checkActors(history: HistoryFile, { ids, stages: [here = '', away = ''], cause }: Case): Promise<void> {
  const [staying, gone] = [ids.filter((_, at) => at % 2 === 0), ids.filter((_, at) => at % 2 === 1)]
  const counts = new Map([[here, staying.length], ...(gone.length === 0 ? [] : [[away, gone.length] as const])])
  expect(await stagesAt(history, {})).toEqual({ total: ids.length, stages: counts })
  for (const [stage, members] of [
    [here, staying],
    [away, gone],
  ] as const) {
    const listed = await inParts(members.length, (after: StandingActor | undefined) => membersAt(history, { stage, after, limit: 1 }))
    expect(listed.map(({ id }) => id)).toEqual(sorted(members))
  }
  const from = await membersAt(history, { stage: away, source: { stage: here, at: T + 1 }, at: T + 2 * DAY, limit: 100 })
  expect(from.map(({ id }) => id)).toEqual(sorted(gone))
  const moves = await inParts(2 * ids.length, (after: Move | undefined) => movesOf(history, { cause, after, limit: 1 }))
  expect(moves.map(({ id, to }) => [id, to])).toEqual([...sorted(gone).map((id) => [id, away]), ...sorted(ids).map((id) => [id, here])])
  expect(await countMoves(history, { from: here, to: away, cause })).toBe(gone.length)
  const risks = await inParts(staying.length, async (after: AtRiskActor | undefined) => (await atRisk(history, { stage: here, after, limit: 1 })).items)
  expect(risks.map(({ id, stage }) => [id, stage])).toEqual(sorted(staying).map((id) => [id, here]))
  expect(await history.rows('SELECT count(*) AS "rows", count(DISTINCT actor) AS actors FROM active')).toEqual([{ rows: ids.length, actors: ids.length }])
}

async function checkTraits(history: HistoryFile, { ids, trait, values, stages, cause }: Case): Promise<void> {
  const [here = '', away = ''] = stages
  const byValue = Map.groupBy(ids, (id) => values[ids.indexOf(id) % values.length] ?? '')
  expect(await knownTraitNames(history)).toEqual([trait])
  expect(await knownTraits(history)).toEqual([{ name: trait, values: byValue.size }])
  const items = await inParts(byValue.size, async (after: { value: string | null; total: number } | undefined) => {
    return (await breakdownBy(history, { trait, after, limit: 1 })).items
  })
  const expected = [...byValue].map(([value, some]) => ({ value, total: some.length })).sort((a, b) => b.total - a.total || byBytes(a.value, b.value))
  expect(items.map(({ value, total }) => ({ value, total }))).toEqual(expected)
  for (const [value, some] of byValue) {
    const where = [{ trait, value }]
    const gone = some.filter((id) => ids.indexOf(id) % 2 === 1).length
    const asked = { ...period, where }
    expect((await stagesAt(history, { where })).total).toBe(some.length)
    const [counts] = await countsBy(history, { periods: [period], stages, where })
    expect([counts?.stages.get(here), counts?.stages.get(away)?.after]).toEqual([
      { before: 0, entered: some.length, left: gone, after: some.length - gone },
      gone,
    ])
    const flows = await flowsBy(history, { periods: [period], where })
    expect(new Map(flows.map(({ to, actors }) => [to, actors]))).toEqual(new Map([[here, some.length], ...(gone === 0 ? [] : [[away, gone] as const])]))
    const movements = await movementsBy(history, { periods: [period], stages, where })
    expect(movements.reduce((sum, { actors }) => sum + actors, 0)).toBe(some.length)
    const dwell = await dwellBy(history, { ...asked, stages })
    expect(dwell.find(({ stage }) => stage === here)).toMatchObject({ stays: some.length, running: some.length - gone })
    expect((await survivalOf(history, { ...asked, stage: here, to: away })).ways.length).toBeGreaterThanOrEqual(gone === 0 ? 0 : 1)
    const returns = await returnsBy(history, { ...asked, lapsed: [away] })
    expect(returns.map(({ cause: found, left }) => [found, left])).toEqual(gone === 0 ? [] : [[cause, gone]])
    expect((await lifecycleBy(history, { range, where }))[0]).toMatchObject({ new: some.length })
    expect((await activityBy(history, { range, where }))[0]).toMatchObject({ day: { from: T } })
    expect((await retentionBy(history, { range, periods: 1, where }))[0]).toMatchObject({ size: some.length })
  }
  expect((await stagesAt(history, { where: [{ trait, value: null }] })).total).toBe(0)
}

async function checkExport(history: HistoryFile, path: string, { ids, trait, values }: Case): Promise<void> {
  await exportInto(history, `${path}.ndjson`, { table: 'traits', format: 'ndjson' })
  const rows = readFileSync(`${path}.ndjson`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const expected = ids.map((id, at) => [id, trait, values[at % values.length]])
  const found = rows.map((row) => [row['actor_id'], row['name'], row['value']])
  expect(sorted(found.map((row) => JSON.stringify(row)))).toEqual(sorted(expected.map((row) => JSON.stringify(row))))
}

it('any text is an id, a trait, a value, a stage or a cause of its own, in each question and after each start', async () => {
  let files = 0
  await fc.assert(
    fc.asyncProperty(caseArb, async (drawn) => {
      const path = join(home.path, `${files++}.duckdb`)
      await written(path, drawn)
      const history = await opened(path)
      try {
        await checkActors(history, drawn)
        await checkTraits(history, drawn)
        await checkExport(history, path, drawn)
      } finally {
        await history.close()
      }
    }),
    { numRuns: 12 },
  )
})

it('a text within a list is refused, which could not be read exactly', async () => {
  const history = await opened(join(home.path, 'list.duckdb'))
  await expect(history.rows("SELECT ['a'] AS texts")).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
  await history.close()
})
