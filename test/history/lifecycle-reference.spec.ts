import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { HistoryFile } from '#history'
import { lifecycleBy } from '../../libs/history/src/questions/lifecycle.ts'
import { retentionBy } from '../../libs/history/src/questions/retention.ts'
import { filledHistory } from '../fixtures/history/filled-history.ts'
import { beetsContributions, cdnowPurchases, lifecycleReference, type Visit } from '../oracle/reference-data.ts'

const DAY = 86_400_000
const posthog = JSON.parse(readFileSync(new URL('../fixtures/data/posthog_lifecycle_fixture.json', import.meta.url), 'utf8')) as {
  readonly events: Readonly<Record<string, readonly string[]>>
  readonly time_of_day: string
  readonly range: readonly [string, string]
  readonly expected: Readonly<Record<'new' | 'returning' | 'resurrecting' | 'dormant', readonly number[]>>
}

let history: HistoryFile | undefined
afterEach(async () => {
  await history?.close()
  history = undefined
})
const filled = async (visits: readonly Visit[]): Promise<HistoryFile> => {
  history = await filledHistory({ active: visits.map(({ actor, at }) => [actor, at] as const), logTime: Math.max(...visits.map(({ at }) => at)) + DAY })
  return history
}

describe('the lifecycle of actors', () => {
  it('is that of a test of PostHog, where who becomes dormant is a negative number', async () => {
    const visits = Object.entries(posthog.events).flatMap(([actor, days]) => days.map((day) => ({ actor, at: Date.parse(`${day}T${posthog.time_of_day}`) })))
    const [from, last] = posthog.range.map(Date.parse) as [number, number]
    const answer = await lifecycleBy(await filled(visits), { range: { from, until: last + DAY, by: 'day', zone: 'UTC' } })
    expect({
      new: answer.map((day) => day.new),
      returning: answer.map(({ returning }) => returning),
      resurrecting: answer.map(({ resurrecting }) => resurrecting),
      dormant: answer.map(({ dormant }) => 0 - dormant),
    }).toEqual(posthog.expected)
  })

  it.each<[string, () => Visit[]]>([
    ['cdnow_month', cdnowPurchases],
    ['beets_month', beetsContributions],
  ])('of %s is the one that another program computed, and cohorts add up to it', async (name, visits) => {
    const rows = lifecycleReference[name]?.rows ?? []
    const [first, last] = [rows[0]?.[0], rows.at(-1)?.[0]].map((month) => Date.parse(`${month}-01T00:00Z`)) as [number, number]
    const range = { from: first, until: last + DAY, by: 'month', zone: 'UTC' } as const
    const reader = await filled(visits())
    const answer = await lifecycleBy(reader, { range })
    const counted = answer.map((each) => [new Date(each.period.from).toISOString().slice(0, 7), each.new, each.returning, each.resurrecting, each.dormant])
    expect(counted).toEqual(rows)
    const cohorts = await retentionBy(reader, { range, periods: rows.length })
    expect(cohorts.map(({ size }) => size)).toEqual(rows.map(([, added]) => added))
    const back = rows.map((_, month) => cohorts.slice(0, month).reduce((sum, { active }, cohort) => sum + (active[month - cohort] ?? Number.NaN), 0))
    expect(back).toEqual(rows.map(([, , returning, resurrecting]) => returning + resurrecting))
  })
})
