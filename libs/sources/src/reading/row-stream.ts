import { RondoError } from '#contracts'
import { CSV_BY_COMMAND, ndjsonDefect } from '../json/ndjson-defect.ts'
import { Refusal } from '../rows/refusal.ts'
import type { SourceRow } from '../rows/source-row.ts'
import type { Input } from '../text/input.ts'
import { readLines } from '../text/lines.ts'
import { jsonRowReader } from './json-row.ts'

/** A line of an input that is not empty: its row, or why it is refused. */
export interface RowLine {
  /** The number of the line, from 1. */
  readonly line: number
  readonly text: string
  readonly row: SourceRow | Refusal
}

/** What the rows of the stream have in common. */
export interface RowStreamOptions {
  /** What messages call the input. */
  readonly name: string
  /** The actor type of rows without one. */
  readonly actorType: string
  /** The beginning of the ids of rows without one; the number of the row follows. */
  readonly idPrefix: string
}

const ID_DIGITS = 12

/**
 * The rows of NDJSON in the order of the input, while it is still being received: activity events and Segment calls; plain, gzip or zstd. Unlike
 * `openRows` it sorts nothing, so its memory does not grow with the input.
 * @throws RondoError RONDO_INPUT_UNREADABLE; what is not NDJSON at all is refused once
 */
export async function* readRowStream(chunks: AsyncIterable<Uint8Array>, { name, actorType, idPrefix }: RowStreamOptions): AsyncGenerator<readonly RowLine[]> {
  const input: Input = { path: '-', stdin: chunks, name }
  const endless = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, latest: Number.POSITIVE_INFINITY }
  const reader = jsonRowReader({ name, ...endless, asRecorded: false, actorType })
  let rows = 0
  for await (const { first, texts, refusals } of readLines(input)) {
    const lines: RowLine[] = []
    for (const [at, text] of texts.entries()) {
      const refusal = refusals.get(at)
      if (refusal === undefined && text.trim() === '') continue
      if (rows === 0) checkForm(texts, name)
      rows += 1
      const number = rows
      const line = first + at
      const row = refusal ?? reader(text, line, () => idPrefix + String(number).padStart(ID_DIGITS, '0'))
      // Nothing is left out, because the span has no end.
      if (typeof row !== 'string') lines.push({ line, text, row })
    }
    yield lines
  }
}

function checkForm(texts: readonly string[], name: string): void {
  const defect = ndjsonDefect(texts, CSV_BY_COMMAND)
  if (defect !== undefined) throw new RondoError('RONDO_INPUT_UNREADABLE', `${name} ${defect}`)
}
