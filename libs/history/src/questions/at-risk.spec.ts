import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { emptyHistory, fillHistory, outputOf } from '../../../../test/fixtures/history/filled-history.ts'
import type { HistoryFile } from '../store/history-file.ts'
import { atRisk } from './at-risk.ts'

const DAY = 86_400_000
const at = (day: number): number => Date.UTC(2026, 0, 1) + day * DAY
const came = (actorId: string, day = 0) => outputOf({ actorId, seq: 1, at: at(day), from: 'start', to: 'here' })
const notice = (actorId: string, seq: number, day: number) => outputOf({ actorId, seq, at: at(day), from: 'here', to: 'here', kind: 'notice' })
const retraction = (actorId: string, seq: number, of: number, day: number) =>
  outputOf({ actorId, seq, at: at(day), noticedAt: at(day + 1), from: 'here', to: 'here', retractsSeq: of })

let history: HistoryFile
beforeEach(async () => {
  history = await emptyHistory()
})
afterEach(() => history.close())

const idsAtRisk = async (): Promise<string[]> => (await atRisk(history, { limit: 100 })).items.map(({ id }) => id)

it('an actor is at risk from its notice until it moves, is active again, or the notice is retracted', async () => {
  const silent = [came('silent'), notice('silent', 2, 20)]
  const moved = [came('moved'), notice('moved', 2, 20), outputOf({ actorId: 'moved', seq: 3, at: at(30), from: 'here', to: 'away', kind: 'disengage' })]
  const refuted = [came('refuted'), notice('refuted', 2, 20), retraction('refuted', 3, 2, 20)]
  const outputs = [...silent, ...moved, ...refuted, came('active'), notice('active', 2, 20), came('new', 20)]
  await fillHistory(history, { outputs, active: ['silent', 'active'].map((id) => [id, at(0)] as const) })
  expect(await idsAtRisk()).toEqual(['active', 'silent'])
  // An event makes no output, but ends the silence, also within the quarter of an hour of the notice.
  await fillHistory(history, { active: [['active', at(20) + 1]] })
  expect(await atRisk(history, { limit: 100 })).toEqual({
    total: 1,
    items: [{ type: 'user', id: 'silent', stage: 'here', since: at(0), seq: 2, at: at(20), noticedAt: at(20) }],
  })
})

it('an actor that was warned before it entered its stage is at risk only after a new warning', async () => {
  const before = [came('a'), notice('a', 2, 20), outputOf({ actorId: 'a', seq: 3, at: at(21), from: 'here', to: 'often' })]
  await fillHistory(history, { outputs: before })
  expect(await idsAtRisk()).toEqual([])
  await fillHistory(history, { outputs: [outputOf({ actorId: 'a', seq: 4, at: at(50), from: 'often', to: 'often', kind: 'notice' })] })
  expect(await idsAtRisk()).toEqual(['a'])
})

it('of the activity of an actor the newest decides, however old the notices of others are', async () => {
  const outputs = [came('older'), notice('older', 2, 10), came('later'), notice('later', 2, 30)]
  await fillHistory(history, { outputs, active: [['later', at(15)] as const] })
  expect(await idsAtRisk()).toEqual(['later', 'older'])
  await fillHistory(history, { active: [['later', at(31)]] })
  expect(await idsAtRisk()).toEqual(['older'])
})

it('the list has parts, those noticed last first, and says how many there are', async () => {
  const days = [20, 22, 22, 21, 25]
  await fillHistory(history, { outputs: days.flatMap((day, i) => [came(`a${i}`), notice(`a${i}`, 2, day)]), traits: [['a1', 'country', 'NL', 0]] })
  const ids: string[] = []
  for (let part = await atRisk(history, { limit: 2 }); part.items.length > 0; part = await atRisk(history, { limit: 2, after: part.items.at(-1) })) {
    expect(part.total).toBe(5)
    ids.push(...part.items.map(({ id }) => id))
  }
  expect(ids).toEqual(['a4', 'a1', 'a2', 'a3', 'a0'])
  expect((await atRisk(history, { limit: 9, where: [{ trait: 'country', value: 'NL' }] })).items.map(({ id }) => id)).toEqual(['a1'])
  expect(await atRisk(history, { limit: 9, stage: 'often' })).toEqual({ total: 0, items: [] })
})
