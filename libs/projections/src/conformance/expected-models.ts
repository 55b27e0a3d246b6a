import { expect } from '@jest/globals'
import { instantOf, type Output, type TransitionKind } from '#contracts'
import type { Flow, ReadModels, StageMember } from '../read-models.ts'
import { actors, type FeedMaker, stages } from './feed-maker.ts'

const HOUR = 3_600_000
const ALL_TIME = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }

/** Compares every answer with what plain code makes of the effective histories, and the answers with each other. */
export async function expectModels(models: ReadModels, maker: FeedMaker): Promise<void> {
  const members = expectedMembers(maker)
  const counts = await models.stageCounts()
  const occupied = stages.flatMap((stage) => {
    const count = members.filter((member) => member.stage === stage).length
    return count === 0 ? [] : [[stage, count] as const]
  })
  expect(Object.fromEntries(counts.stages)).toEqual(Object.fromEntries(occupied))
  expect(counts.total).toBe(members.length)
  for (const stage of stages) {
    const listing = await fullListing(models, stage)
    expect(listing).toEqual(members.filter((member) => member.stage === stage).map(({ actor, since }) => ({ actor, since })))
    expect(listing).toHaveLength(counts.stages.get(stage) ?? 0)
  }
  await expectFlows(models, maker)
  for (const i of actors.keys()) await expectHistory(models, maker, i)
}

/** A stage's listing, page by page. */
export async function fullListing(models: ReadModels, stage: string, most = 2): Promise<StageMember[]> {
  const members: StageMember[] = []
  for (let after: string | undefined; ; ) {
    const page = await models.actorsIn(stage, { most, ...(after === undefined ? {} : { after }) })
    expect(page.members.length).toBeLessThanOrEqual(most)
    members.push(...page.members)
    if (page.next === undefined) return members
    after = page.next
  }
}

function expectedMembers(maker: FeedMaker): (StageMember & { readonly stage: string })[] {
  const members = actors.flatMap((actor, i) => {
    const place = maker.placeOf(i)
    return place === undefined ? [] : [{ actor, stage: place.to, since: instantOf(place.at) }]
  })
  return members.sort((a, b) => a.since - b.since || bytewise(a.actor.type, b.actor.type) || bytewise(a.actor.id, b.actor.id))
}

async function expectFlows(models: ReadModels, maker: FeedMaker): Promise<void> {
  const flows = expectedFlows(maker.histories.flatMap(({ effective }) => effective.filter(({ kind }) => kind !== 'notice')))
  expect((await models.transitionsPerHour(ALL_TIME)).flows).toEqual(flows)
  for (const [from, until] of [
    [0, HOUR],
    [1, 25 * HOUR],
    [-HOUR, 24 * HOUR],
  ] as const) {
    expect((await models.transitionsPerHour({ from, until })).flows).toEqual(flows.filter(({ hour }) => hour >= from && hour < until))
  }
}

function expectedFlows(transitions: readonly Output[]): Flow[] {
  const names = transitions.map(({ at, kind, from, to }) => [String(Math.floor(instantOf(at) / HOUR) * HOUR), kind, from, to].join(' '))
  const flows = [...new Set(names)].map((name) => {
    const [hour, kind, from, to] = name.split(' ') as [string, TransitionKind, string, string]
    return { hour: Number(hour), kind, from, to, transitions: names.filter((other) => other === name).length }
  })
  return flows.sort((a, b) => a.hour - b.hour || bytewise(a.kind, b.kind) || bytewise(a.from, b.from) || bytewise(a.to, b.to))
}

async function expectHistory(models: ReadModels, maker: FeedMaker, i: number): Promise<void> {
  const actor = actors[i] ?? { type: '', id: '' }
  const place = maker.placeOf(i)
  expect(await models.actor(actor)).toEqual(place && { stage: place.to, since: instantOf(place.at) })
  const { all, effective } = maker.histories[i] ?? { all: [], effective: [] }
  const history = await models.history(actor, { most: 1000 })
  expect(history.map(({ output }) => output)).toEqual(all.toReversed())
  const standing = history.filter(({ output, retracted }) => !retracted && output.kind !== 'retraction')
  expect(standing.map(({ output }) => output)).toEqual(effective.toReversed())
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
