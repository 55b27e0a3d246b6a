import { signal } from '@preact/signals'
import { pause } from '../clock.ts'
import type { FeedAnswer, FeedItem, StagesAnswer } from './answers.ts'
import { backoffMs, isAnswering, whileRunning } from './connection.ts'
import { type StreamMessage, StreamReader } from './event-stream.ts'
import { getAnswer, Refused, refusalOf } from './get-answer.ts'

const KEPT_MAX = 100
const WAIT_S = 20
/** While many outputs come in, the numbers change at most this often. */
const REST_MS = 500

/** The newest outputs of the shown cycle, newest first. */
export const newest = signal<readonly FeedItem[]>([])
/** Whether the newest outputs have been read at all. */
export const isRead = signal(false)
/** Outputs that came while the page was open: what is announced, and what makes numbers change. */
export const arrived = signal<readonly FeedItem[]>([])
/** How outputs come: as a stream, or by waiting requests where the server has no stream. */
export const manner = signal<'stream' | 'waiting requests' | undefined>(undefined)
/** Counts that the stream has sent. */
export const liveCounts = signal<(Pick<StagesAnswer, 'asOf' | 'total'> & { readonly stages: Readonly<Record<string, number>> }) | undefined>(undefined)

/** Follows the outputs of a cycle until the signal ends it. */
export async function followOutputs(cycle: string, left: AbortSignal): Promise<void> {
  newest.value = []
  isRead.value = false
  liveCounts.value = undefined
  let [failures, cursor, isStreamed] = [0, undefined as string | undefined, true]
  while (!left.aborted) {
    await whileRunning()
    try {
      cursor ??= await readNewest(cycle, left)
      if (isStreamed) isStreamed = await readStream(cycle, { left, cursor, moved: (to) => (cursor = to) })
      else cursor = await readNext(cycle, cursor, left)
      isAnswering.value = true
      failures = 0
    } catch (failure) {
      if (left.aborted || !(failure instanceof Refused)) return
      if (failure.status === undefined) isAnswering.value = false
      // A cursor of another store, after the data were replaced.
      if (failure.status === 400) cursor = undefined
      failures += 1
      await pause(backoffMs(failures), left)
    }
  }
}

const feedOf = (cycle: string): string => `/v1/transitions?words=true&cycle=${encodeURIComponent(cycle)}`

async function readNewest(cycle: string, left: AbortSignal): Promise<string> {
  const { items, next } = await getAnswer<FeedAnswer>(`${feedOf(cycle)}&newest=${KEPT_MAX}`, left)
  newest.value = items.toReversed()
  isRead.value = true
  return String(next)
}

async function readNext(cycle: string, cursor: string, left: AbortSignal): Promise<string> {
  manner.value = 'waiting requests'
  const page = await getAnswer<FeedAnswer>(`${feedOf(cycle)}&after=${cursor}&limit=${KEPT_MAX}&wait=${WAIT_S}`, left)
  // More outputs came at once than are shown: those between are left out.
  const { items, next } = page.items.length === KEPT_MAX ? await getAnswer<FeedAnswer>(`${feedOf(cycle)}&newest=${KEPT_MAX}`, left) : page
  await whileRunning()
  add(items)
  if (items.length > 0) await pause(REST_MS, left)
  return String(next)
}

function add(items: readonly FeedItem[]): void {
  if (items.length === 0) return
  newest.value = [...items.toReversed(), ...newest.value].slice(0, KEPT_MAX)
  arrived.value = items
}

/** A position in the feed that a stream moves. */
interface StreamPosition {
  readonly left: AbortSignal
  readonly cursor: string
  readonly moved: (cursor: string | undefined) => void
}

/**
 * Reads the stream until it ends.
 * @returns false if this server has none
 */
async function readStream(cycle: string, { left, cursor, moved }: StreamPosition): Promise<boolean> {
  const path = `/v1/cycles/${encodeURIComponent(cycle)}/live?after=${encodeURIComponent(cursor)}`
  const response = await fetch(path, { headers: { accept: 'text/event-stream' }, signal: left }).catch((failure: unknown) => {
    if (left.aborted) throw failure
    throw new Refused('Rondo does not answer.')
  })
  if (!response.ok) {
    const refusal = await refusalOf(response)
    if (refusal.isUnavailable) return false
    throw refusal
  }
  if (response.body === null) return false
  manner.value = 'stream'
  isAnswering.value = true
  const reader = new StreamReader()
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let chunk = await read(chunks, left); chunk !== undefined; chunk = await read(chunks, left)) {
    await whileRunning()
    for (const message of reader.read(chunk)) {
      if (message.event !== 'reset') take(message, moved)
      else {
        // The cursor is of another store: the list is read again from there, and not from an end of this stream that may never come.
        moved(undefined)
        await chunks.cancel().catch(() => undefined)
        return true
      }
    }
  }
  await pause(REST_MS, left)
  return true
}

function take({ event, id, data }: StreamMessage, moved: StreamPosition['moved']): void {
  if (event === 'counts') liveCounts.value = JSON.parse(data)
  else if (event === 'output') {
    add([itemOf(id ?? '', JSON.parse(data))])
    moved(id)
  }
}

async function read(chunks: ReadableStreamDefaultReader<string>, left: AbortSignal): Promise<string | undefined> {
  const { value, done } = await chunks.read().catch((failure: unknown) => {
    if (left.aborted) throw failure
    throw new Refused('The stream ended.')
  })
  return done ? undefined : value
}

function itemOf(cursor: string, { words, ...output }: FeedItem['output'] & { readonly words?: string }): FeedItem {
  return { cursor, output, ...(words === undefined ? {} : { words }) }
}
