import { expect } from '@jest/globals'
import { type Actor, instantOf, type Output, type TransitionKind } from '#contracts'
import type { Flow, ReadModels, StageMember } from '../read-models.ts'

const HOUR = 3_600_000
const ALL_TIME = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
const nobody = { type: 'user', id: 'nobody' }

/** Compares every answer with a simple computation over the feed so far, and the answers with each other. */
export async function expectModels(models: ReadModels, feed: readonly Output[]): Promise<void> {
  const retracted = new Set(feed.map(({ retracts }) => retracts))
  const transitions = feed.filter(({ id, kind }) => kind !== 'notice' && kind !== 'retraction' && !retracted.has(id))
  const latest = new Map(transitions.map((output) => [nameOf(output.actor), output]))
  await expectStages(models, feed, [...latest.values()])
  await expectFlows(models, transitions)
  await expectAccounts(models, transitions, [...latest.values()])
  for (const actor of [nobody, ...new Map(feed.map((output) => [nameOf(output.actor), output.actor])).values()]) {
    const entry = latest.get(nameOf(actor))
    expect(await models.actor(actor)).toEqual(entry && { stage: entry.to, since: instantOf(entry.at) })
    const own = feed.filter((output) => nameOf(output.actor) === nameOf(actor))
    const history = await models.history(actor, { limit: 1000 })
    expect(history.map(({ output, retracted }) => ({ output, retracted }))).toEqual(
      own.map((output) => ({ output, retracted: retracted.has(output.id) })).reverse(),
    )
  }
}

/** A stage's listing, page by page. */
export async function fullListing(models: ReadModels, stage: string, limit = 2): Promise<StageMember[]> {
  const members: StageMember[] = []
  for (let after: string | undefined; ; ) {
    const page = await models.actorsIn(stage, { limit, ...(after === undefined ? {} : { after }) })
    expect(page.members.length).toBeLessThanOrEqual(limit)
    members.push(...page.members)
    if (page.next === undefined) return members
    after = page.next
  }
}

/** Compares the counts and listings of all stages. @param entries for each actor, the transition into its present stage */
async function expectStages(models: ReadModels, feed: readonly Output[], entries: readonly Output[]): Promise<void> {
  const { stages, total } = await models.stageCounts()
  const sorted = entries.toSorted((a, b) => instantOf(a.at) - instantOf(b.at) || bytewise(a.actor.type, b.actor.type) || bytewise(a.actor.id, b.actor.id))
  for (const stage of new Set(feed.flatMap(({ from, to }) => [from, to]))) {
    const members = sorted.filter(({ to }) => to === stage).map(({ actor, at }) => ({ actor, since: instantOf(at) }))
    const listing = await fullListing(models, stage)
    expect(listing).toEqual(members)
    expect(stages.get(stage)).toBe(listing.length === 0 ? undefined : listing.length)
  }
  expect(total).toBe(entries.length)
  expect([...stages.values()].reduce((sum, actors) => sum + actors, 0)).toBe(total)
}

/** @param entries for each actor, the transition into its present stage */
async function expectAccounts(models: ReadModels, transitions: readonly Output[], entries: readonly Output[]): Promise<void> {
  const count = (outputs: readonly Output[], end: 'from' | 'to', stage: string): number => outputs.filter((output) => output[end] === stage).length
  const stages = [...new Set(transitions.flatMap(({ from, to }) => [from, to]))].filter((stage) => stage !== 'start').sort()
  const expected = stages.map((stage) => {
    const actors = count(entries, 'to', stage)
    return [stage, { counted: actors, listed: actors, entered: count(transitions, 'to', stage), left: count(transitions, 'from', stage) }] as const
  })
  const { stages: accounts, flows, asOf } = await models.accounts(ALL_TIME)
  expect([...accounts]).toEqual(expected)
  expect(flows).toEqual(expectedFlows(transitions))
  expect(asOf).toBe(await models.asOf())
  const newest = flows.at(-1)?.hour ?? 0
  expect((await models.accounts({ from: newest })).flows).toEqual(flows.filter(({ hour }) => hour >= newest))
  for (const { counted, listed, entered, left } of accounts.values()) expect([listed, entered - left]).toEqual([counted, counted])
}

async function expectFlows(models: ReadModels, transitions: readonly Output[]): Promise<void> {
  const flows = expectedFlows(transitions)
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

function nameOf({ type, id }: Actor): string {
  return JSON.stringify([type, id])
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
