import type { Output } from '#contracts'
import type { StateReader } from '#event-log'
import { type ReadModels, SqliteReadModels } from '#projections'
import type { ComparedPart, Differences } from './differences.ts'

const PAGE = 1_000
/** How many outputs of one actor are read at once. */
const HISTORY_PAGE = 500
const ALL_TIME = { from: Number.NEGATIVE_INFINITY }

/** The state that is stored, and the one that was folded again. */
interface Compared<State> {
  readonly stored: State
  readonly expected: State
}

/** A page of a list. `next` is undefined at its end. */
interface Page<Item, Cursor> {
  readonly items: readonly Item[]
  readonly next: Cursor | undefined
}

/** Compares outputs, late events and refused records, byte by byte. @returns how many outputs there are */
export async function compareRecords(
  { stored, expected }: Compared<StateReader>,
  differences: Differences,
  onProgress: (records: number) => Promise<void>,
): Promise<number> {
  let outputs = 0
  const feeds: readonly [ComparedPart, string, (state: StateReader, after: number) => Promise<readonly { cursor: number; text: string }[]>][] = [
    ['outputs', 'output', async (state, after) => (await state.read(after, PAGE)).map(({ cursor, output: text }) => ({ cursor, text }))],
    ['late events', 'late event', async (state, after) => (await state.late(after, PAGE)).map(({ cursor, record: text }) => ({ cursor, text }))],
    ['quarantine', 'record', async (state, after) => (await state.quarantine(after, PAGE)).map(({ cursor, record: text }) => ({ cursor, text }))],
  ]
  for (const [part, name, read] of feeds) {
    const pages = (state: StateReader) => async (after: number | undefined) => {
      const items = await read(state, after ?? 0)
      return { items, next: items.at(-1)?.cursor }
    }
    let number = 0
    for await (const [found, due] of together(pages(stored), pages(expected))) {
      number += 1
      await onProgress(number)
      if (part === 'outputs') outputs += 1
      if (found?.text !== due?.text || found?.cursor !== due?.cursor) differences.compare(part, `${name} ${number}`, { stored: found, expected: due })
    }
  }
  return outputs
}

/** Compares every answer of the read models: the accounts of all stages, their listings, and the history of each actor. @returns how many actors there are */
export async function compareModels(states: Compared<StateReader>, differences: Differences, onProgress: (actors: number) => Promise<void>): Promise<number> {
  const [stored, expected] = [new SqliteReadModels(states.stored), new SqliteReadModels(states.expected)]
  const [found, due] = [await stored.accounts(ALL_TIME), await expected.accounts(ALL_TIME)]
  differences.compare('read models', 'log time', { stored: found.asOf, expected: due.asOf })
  for (const stage of new Set([...found.stages.keys(), ...due.stages.keys()])) {
    differences.compare('read models', `stage ${stage}`, { stored: found.stages.get(stage), expected: due.stages.get(stage) })
    for await (const [member, dueMember] of together(membersOf(stored, stage), membersOf(expected, stage)))
      differences.compare('read models', `listing of ${stage}`, { stored: member, expected: dueMember })
  }
  for (let at = 0; at < Math.max(found.flows.length, due.flows.length); at++)
    differences.compare('read models', 'flow', { stored: found.flows[at], expected: due.flows[at] })
  let actors = 0
  for await (const actor of firstOutputs(states.expected)) {
    actors += 1
    await onProgress(actors)
    const name = `actor ${actor.type} ${JSON.stringify(actor.id)}`
    differences.compare('read models', name, { stored: await stored.actor(actor), expected: await expected.actor(actor) })
    const history = (models: ReadModels) => async (before: number | undefined) => {
      const items = await models.history(actor, { limit: HISTORY_PAGE, ...(before === undefined ? {} : { before }) })
      return { items, next: items.length < HISTORY_PAGE ? undefined : items.at(-1)?.cursor }
    }
    for await (const [receipt, dueReceipt] of together(history(stored), history(expected)))
      differences.compare('read models', `history of ${name}`, { stored: receipt, expected: dueReceipt })
  }
  return actors
}

function membersOf(models: ReadModels, stage: string) {
  return async (after: string | undefined) => {
    const { members, next } = await models.actorsIn(stage, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    return { items: members, next }
  }
}

/** The actor of each first output: each actor once. */
async function* firstOutputs(state: StateReader): AsyncGenerator<Output['actor']> {
  for (let after = 0; ; ) {
    const page = await state.read(after, PAGE)
    if (page.length === 0) return
    for (const { cursor, output: text } of page) {
      after = cursor
      const { actor, seq } = JSON.parse(text) as Output
      if (seq === 1) yield actor
    }
  }
}

/** The items of two lists at each place; undefined behind the end of one. */
async function* together<Item, Cursor>(
  ...lists: readonly ((after: Cursor | undefined) => Promise<Page<Item, Cursor>>)[]
): AsyncGenerator<readonly (Item | undefined)[]> {
  const readers = lists.map((read) => itemsOf(read))
  for (;;) {
    const items = await Promise.all(readers.map(async (reader) => await reader.next()))
    if (items.every(({ done }) => done === true)) return
    yield items.map(({ done, value }) => (done === true ? undefined : (value as Item)))
  }
}

async function* itemsOf<Item, Cursor>(read: (after: Cursor | undefined) => Promise<Page<Item, Cursor>>): AsyncGenerator<Item> {
  for (let after: Cursor | undefined; ; ) {
    const { items, next } = await read(after)
    yield* items
    if (next === undefined) return
    after = next
  }
}
