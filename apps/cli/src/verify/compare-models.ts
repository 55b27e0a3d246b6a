import { isDeepStrictEqual } from 'node:util'
import type { Actor, Output } from '#contracts'
import type { Feed } from '#event-log'
import type { ReadModels } from '#projections'
import type { Differences } from './differences.ts'

const PAGE = 1_000
/** How many outputs of one actor are read at once. */
const HISTORY_PAGE = 500
/** How many actors are asked for at once, where answers come over a network. */
const ACTORS_AT_ONCE = 32
const ALL_TIME = { from: Number.NEGATIVE_INFINITY }

/** The answers of the read models that are stored, and of those that were made again. */
export interface Compared<Value> {
  readonly stored: Value
  readonly expected: Value
}

/** Asks both read models the same, when both have come to the same place of the feed. */
export type AskBoth = <Answer>(question: (models: ReadModels) => Promise<Answer>) => Promise<Compared<Answer>>

/** Asks read models that nothing changes. */
export function askingBoth({ stored, expected }: Compared<ReadModels>): AskBoth {
  return async (question) => ({ stored: await question(stored), expected: await question(expected) })
}

/**
 * Compares every answer of the read models: the accounts of all stages, their listings, and the history of each actor.
 * @param feed whose actors are compared
 * @returns how many actors there are
 */
export async function compareModels(
  ask: AskBoth,
  feeds: readonly Pick<Feed, 'read'>[],
  differences: Differences,
  onProgress: (actors: number) => Promise<void>,
): Promise<number> {
  const { stored, expected } = await ask(async (models) => {
    const { stages, flows } = await models.accounts(ALL_TIME)
    return { stages, flows }
  })
  for (const stage of new Set([...stored.stages.keys(), ...expected.stages.keys()])) {
    differences.compare('read models', `stage ${stage}`, { stored: stored.stages.get(stage), expected: expected.stages.get(stage) })
    await compareListing(ask, stage, differences)
  }
  compareEach(differences, 'flow', { stored: stored.flows, expected: expected.flows })
  let actors = 0
  for (const feed of feeds) {
    for await (const some of firstOutputs(feed)) {
      await Promise.all(some.map((actor) => compareActor(ask, actor, differences)))
      actors += some.length
      await onProgress(actors)
    }
  }
  return actors
}

async function compareListing(ask: AskBoth, stage: string, differences: Differences): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = { limit: PAGE, ...(after === undefined ? {} : { after }) }
    const { stored, expected } = await ask((models) => models.actorsIn(stage, page))
    compareEach(differences, `listing of ${stage}`, { stored: stored.members, expected: expected.members })
    // After a difference the lists may have other pages.
    after = expected.next ?? (stored.next === expected.next ? undefined : stored.next)
    if (after === undefined) return
  }
}

async function compareActor(ask: AskBoth, actor: Actor, differences: Differences): Promise<void> {
  const name = `actor ${actor.type} ${JSON.stringify(actor.id)}`
  const { stored, expected } = await ask(async (models) => ({ now: await models.actor(actor), history: await wholeHistory(models, actor) }))
  differences.compare('read models', name, { stored: stored.now, expected: expected.now })
  compareEach(differences, `history of ${name}`, { stored: stored.history, expected: expected.history })
}

/** All outputs of an actor, newest first. */
async function wholeHistory(models: ReadModels, actor: Actor) {
  const receipts: { output: Output; retracted: boolean }[] = []
  for (let before: number | undefined; ; ) {
    const page = await models.history(actor, { limit: HISTORY_PAGE, ...(before === undefined ? {} : { before }) })
    for (const { output, retracted } of page) receipts.push({ output, retracted })
    before = page.at(-1)?.cursor
    if (page.length < HISTORY_PAGE) return receipts
  }
}

function compareEach(differences: Differences, what: string, { stored, expected }: Compared<readonly unknown[]>): void {
  if (isDeepStrictEqual(stored, expected)) return
  for (let at = 0; at < Math.max(stored.length, expected.length); at++) differences.compare('read models', what, { stored: stored[at], expected: expected[at] })
}

/** The actors of all first outputs, each actor once, some at a time. */
async function* firstOutputs(feed: Pick<Feed, 'read'>): AsyncGenerator<readonly Actor[]> {
  let actors: Actor[] = []
  for (let after = 0; ; ) {
    const page = await feed.read(after, PAGE)
    for (const { cursor, output: text } of page) {
      after = cursor
      const { actor, seq } = JSON.parse(text) as Output
      if (seq === 1) actors.push(actor)
    }
    while (actors.length >= ACTORS_AT_ONCE || (page.length === 0 && actors.length > 0)) {
      yield actors.slice(0, ACTORS_AT_ONCE)
      actors = actors.slice(ACTORS_AT_ONCE)
    }
    if (page.length === 0) return
  }
}
