import { afterEach, describe, expect, test } from '@jest/globals'
import { emptyHistory, filledHistory, fillHistory, outputOf } from '../../../../test/fixtures/history/filled-history.ts'
import type { HistoryFile } from './history-file.ts'

const opened: HistoryFile[] = []
const kept = async (history: Promise<HistoryFile>): Promise<HistoryFile> => {
  opened.push(await history)
  return await history
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((history) => history.close()))
})

const STAYS = 'SELECT id, seq, stage, entered_at, left_at, next_stage, exit_kind, exit_cause FROM stays JOIN actors USING (actor) ORDER BY id, seq'
const first = outputOf({ actorId: 'ann', seq: 1, from: 'start', to: 'casual', at: 1000 })
const second = outputOf({ actorId: 'ann', seq: 2, from: 'casual', to: 'regular', at: 5000, cause: 'visits', dwellMs: 4000 })
const away = outputOf({ actorId: 'ann', seq: 3, from: 'regular', to: 'away', at: 9000, noticedAt: 9500, kind: 'disengage', dwellMs: 4000 })

describe('a history', () => {
  test('has a stay for each transition, the last one running', async () => {
    const history = await kept(filledHistory({ outputs: [first, second], logTime: 6000 }))
    await fillHistory(history, { outputs: [away], logTime: 9500 })
    expect(await history.rows(STAYS)).toEqual([
      { id: 'ann', seq: 1, stage: 'casual', entered_at: 1000, left_at: 5000, next_stage: 'regular', exit_kind: 'advance', exit_cause: 'visits' },
      { id: 'ann', seq: 2, stage: 'regular', entered_at: 5000, left_at: 9000, next_stage: 'away', exit_kind: 'disengage', exit_cause: 'absence' },
      { id: 'ann', seq: 3, stage: 'away', entered_at: 9000, left_at: null, next_stage: null, exit_kind: null, exit_cause: null },
    ])
    expect(await history.asOf()).toBe(9500)
  })

  test('a retraction ends the effect of an output of this or of an earlier batch, and the stays follow', async () => {
    const history = await kept(filledHistory({ outputs: [first, second, away] }))
    const retraction = outputOf({ actorId: 'ann', seq: 4, from: 'regular', to: 'away', at: 9000, noticedAt: 9900, retractsSeq: 3 })
    const later = outputOf({ actorId: 'ann', seq: 5, from: 'regular', to: 'away', at: 9700, noticedAt: 9950, kind: 'disengage', dwellMs: 4700 })
    const andBack = outputOf({ actorId: 'ann', seq: 6, from: 'regular', to: 'away', at: 9700, noticedAt: 9960, retractsSeq: 5 })
    await fillHistory(history, { outputs: [retraction, later, andBack] })
    expect(await history.rows('SELECT seq, kind, from_stage, retracted_at FROM transitions ORDER BY seq')).toEqual([
      { seq: 1, kind: 'advance', from_stage: null, retracted_at: null },
      { seq: 2, kind: 'advance', from_stage: 'casual', retracted_at: null },
      { seq: 3, kind: 'disengage', from_stage: 'regular', retracted_at: 9900 },
      { seq: 5, kind: 'disengage', from_stage: 'regular', retracted_at: 9960 },
    ])
    expect(await history.rows('SELECT stage, left_at FROM stays ORDER BY seq')).toEqual([
      { stage: 'casual', left_at: 5000 },
      { stage: 'regular', left_at: null },
    ])
  })

  test('a notice is no move', async () => {
    const notice = outputOf({ actorId: 'ann', seq: 2, from: 'casual', to: 'casual', at: 3000, kind: 'notice', dwellMs: 2000 })
    const history = await kept(filledHistory({ outputs: [first, notice] }))
    expect(await history.rows('SELECT stage, left_at FROM stays')).toEqual([{ stage: 'casual', left_at: null }])
  })

  test('the retraction of an output that it does not have is refused with its whole batch', async () => {
    const history = await kept(filledHistory({ outputs: [first], logTime: 2000 }))
    const retraction = outputOf({ actorId: 'ann', seq: 3, from: 'casual', to: 'regular', at: 5000, retractsSeq: 2 })
    await expect(fillHistory(history, { outputs: [retraction], logTime: 3000 })).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
    expect(await history.asOf()).toBe(2000)
    await fillHistory(history, { outputs: [second], active: [['bob', 0]], logTime: 6000 })
    expect(await history.rows('SELECT actor, id FROM actors ORDER BY actor')).toEqual([
      { actor: 0, id: 'ann' },
      { actor: 1, id: 'bob' },
    ])
  })

  test('an actor is active once in a quarter of an hour, however many batches say so', async () => {
    const quarter = 900_000
    const history = await kept(
      filledHistory({
        active: [
          ['ann', 1],
          ['bob', 2],
          ['ann', 3],
          ['ann', quarter],
        ],
      }),
    )
    await fillHistory(history, {
      active: [
        ['ann', 5],
        ['ann', quarter * 2],
        ['cem', quarter - 1],
      ],
    })
    expect(await history.rows('SELECT id, slot FROM active JOIN actors USING (actor) ORDER BY id, slot')).toEqual([
      { id: 'ann', slot: 0 },
      { id: 'ann', slot: 1 },
      { id: 'ann', slot: 2 },
      { id: 'bob', slot: 0 },
      { id: 'cem', slot: 0 },
    ])
  })

  test('the value of a trait is that of the newest event, in whatever order they come', async () => {
    const history = await kept(
      filledHistory({
        traits: [
          ['ann', 'country', 'NL', 20],
          ['ann', 'plan', 'free', 20],
        ],
      }),
    )
    await fillHistory(history, {
      traits: [
        ['ann', 'country', 'DE', 10],
        ['ann', 'plan', null, 30],
        ['ann', 'age', '7', 5],
      ],
    })
    await fillHistory(history, { traits: [['ann', 'plan', 'paid', 25]] })
    expect(await history.rows('SELECT name, value, since FROM traits ORDER BY name')).toEqual([
      { name: 'age', value: '7', since: 5 },
      { name: 'country', value: 'NL', since: 20 },
    ])
  })

  test('a snapshot sees no batch that comes after it began', async () => {
    const history = await kept(filledHistory({ outputs: [first], logTime: 2000 }))
    const answers = await history.snapshot(async (reader) => {
      const before = await reader.asOf()
      await fillHistory(history, { outputs: [second], logTime: 6000 })
      return [before, await reader.asOf(), await reader.rows('SELECT count(*) AS n FROM transitions')]
    })
    expect(answers).toEqual([2000, 2000, [{ n: 1 }]])
    expect(await history.asOf()).toBe(6000)
  })

  test('before anything is followed it is complete up to no time', async () => {
    expect(await (await kept(emptyHistory())).asOf()).toBe(Number.NEGATIVE_INFINITY)
  })
})
