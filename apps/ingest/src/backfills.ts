import { INSTANT_MAX, INSTANT_MIN, parseInstant, RondoError } from '#contracts'
import type { Backfill, BackfillProgress } from '#event-log'
import type { Clock } from '#runtime'
import { type ReadRows, readBackfillRows } from './backfill-rows.ts'
import { jsonBody, textBody } from './json-body.ts'

const SOURCE_LENGTH_MAX = 1024

export interface RowsAnswer {
  /** How many rows of this import are durable. */
  readonly rows: number
  readonly rejected: ReadRows['rejected']
}

/** Imports over HTTP: what `rondo import --url` speaks. */
export class Backfills {
  readonly #backfill: Backfill
  readonly #clock: Clock

  constructor(backfill: Backfill, clock: Clock) {
    this.#backfill = backfill
    this.#clock = clock
  }

  /** `{source, firstTime, shiftMs?}`: begins an import, or goes on with it. */
  begin(body: unknown): Promise<BackfillProgress> {
    return this.#backfill.begin(readRequest(jsonBody(body)))
  }

  current(): BackfillProgress {
    const current = this.#backfill.current()
    if (current === undefined) throw new RondoError('RONDO_NOT_FOUND', 'No import is under way.')
    return current
  }

  /** NDJSON of ActivityEvents, or of what the importer itself refused (readBackfillRows), of which the first is row number `first`. May be sent again. */
  async put(id: string, first: string | undefined, body: unknown): Promise<RowsAnswer> {
    const number = Number(first)
    if (first === undefined || !/^\d{1,15}$/.test(first)) throw new RondoError('RONDO_ARGUMENT_INVALID', 'first: expected the number of the first row, from 0.')
    const text = textBody(body)
    if (text === '') throw new RondoError('RONDO_BODY_INVALID', 'The body is empty: expected activity events, one a line.')
    const { rows, rejected, quarantine } = readBackfillRows(text, number, this.#clock.now())
    return { rows: await this.#backfill.put(id, { first: number, rows, quarantine }), rejected }
  }

  end(id: string): Promise<BackfillProgress> {
    return this.#backfill.end(id)
  }
}

function readRequest(value: unknown): { source: string; firstTime: number; shiftMs: number } {
  const { source, firstTime, shiftMs = 0 } = (value ?? {}) as Record<string, unknown>
  const time = typeof firstTime === 'string' ? parseInstant(firstTime) : undefined
  const defects = [
    typeof source === 'string' && source !== '' && source.length <= SOURCE_LENGTH_MAX ? '' : `source: expected a text of 1 to ${SOURCE_LENGTH_MAX} characters`,
    time !== undefined ? '' : 'firstTime: expected the time of the first row',
    Number.isSafeInteger(shiftMs) && Math.abs(shiftMs as number) <= INSTANT_MAX - INSTANT_MIN ? '' : 'shiftMs: expected a whole number of milliseconds',
  ].filter((defect) => defect !== '')
  if (defects.length > 0 || time === undefined) throw new RondoError('RONDO_BODY_INVALID', `The body does not begin an import: ${defects.join('; ')}.`)
  return { source: source as string, firstTime: time, shiftMs: shiftMs as number }
}
