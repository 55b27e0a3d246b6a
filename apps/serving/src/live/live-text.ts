import type { Output } from '#contracts'
import type { Narration } from '#projections'
import type { FeedCursor } from '../feed/served-feed.ts'

/** What a browser waits for before it connects again. */
const RETRY_MS = 2_000

/** The first line of a stream. */
export const BEGINNING = `retry: ${RETRY_MS}\n\n`

/** One event of a stream of server-sent events. Its data are one line. @param id where a client that has read it continues */
export function eventText(event: string, data: string, id?: FeedCursor): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
}

/** An output as it was published, with the sentence about it. */
export function outputData(text: string, output: Output, narration: Narration): string {
  return `${text.slice(0, -1)},"words":${JSON.stringify(narration.sentence(output))}}`
}

/** Says that the stream does not continue where its client was: it must read counts and lists again. */
export const resetText = (reason: string, next: FeedCursor): string => eventText('reset', JSON.stringify({ reason }), next)
