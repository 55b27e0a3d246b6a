import { z } from 'zod'
import { INSTANT_MAX, INSTANT_MIN, instantSchema, parseInstant, plainExpectation, RondoError } from '#contracts'
import type { Backfill, BackfillStatus } from '#event-log'
import type { Clock } from '#runtime'
import { jsonBody, textBody } from '../../../nest/src/http/json-body.ts'
import { readQuery, wholeNumber } from '../../../nest/src/http/query.ts'
import { ROWS_BYTES_MAX } from '../../../nest/src/http-adapter.ts'
import { readBackfillRows } from './backfill-rows.ts'

/** The longest name of a history, which identifies an import. */
export const SOURCE_LENGTH_MAX = 1024
const SHIFT_MS_MAX = INSTANT_MAX - INSTANT_MIN

const count = z.int().nonnegative()
/** How far an import has come. */
export const statusAnswer = z.strictObject({ id: z.string(), source: z.string(), rows: count, shiftMs: z.int(), checksum: count.optional(), open: z.boolean() })
const rejectedSchema = z.strictObject({ row: count, code: z.string(), message: z.string() })
/** The answer to rows of an import. */
export const rowsAnswer = z.strictObject({
  rows: count.meta({ description: 'how many rows of this import are durable' }),
  rejected: z.array(rejectedSchema),
})
/** `first` is the number of the first row of the body, from 0. */
export const rowsQuery = z.strictObject({ first: wholeNumber(0, 999_999_999_999_999) })
/** NDJSON of ActivityEvents, or of rows that the importer refused (readBackfillRows). */
export const rowsBody = { 'application/x-ndjson': z.string().min(1) }

/** Imports over HTTP, as `rondo import --url` sends them. */
export class Backfills {
  readonly #backfill: Backfill
  readonly #clock: Clock

  constructor(backfill: Backfill, clock: Clock) {
    this.#backfill = backfill
    this.#clock = clock
  }

  /** `{source, firstTime, shiftMs?}`: begins an import, or continues it. */
  async begin(body: unknown): Promise<z.infer<typeof statusAnswer>> {
    return shown(await this.#backfill.begin(readRequest(jsonBody(body))))
  }

  current(): z.infer<typeof statusAnswer> {
    const current = this.#backfill.current()
    if (current === undefined) throw new RondoError('RONDO_NOT_FOUND', 'No import is under way.')
    return shown(current)
  }

  /** NDJSON of ActivityEvents, or of rows that the importer refused (readBackfillRows); the first is row number `first`. May be sent again. */
  async put(id: string, query: unknown, body: unknown): Promise<z.infer<typeof rowsAnswer>> {
    const { first } = readQuery(rowsQuery, query)
    const text = textBody(body, ROWS_BYTES_MAX)
    if (text === '') throw new RondoError('RONDO_BODY_INVALID', 'The body is empty: expected activity events, one a line.')
    const now = this.#clock.now()
    // A row moves log time: a row later than the live events that wait for the end of the import would make them late.
    const until = Math.min(now, this.#backfill.heldSince ?? now)
    const { rows, rejected, quarantine } = readBackfillRows(text, first, now, until)
    return { rows: await this.#backfill.put(id, { first, rows, quarantine }), rejected: [...rejected] }
  }

  async end(id: string): Promise<z.infer<typeof statusAnswer>> {
    return shown(await this.#backfill.end(id))
  }
}

const shown = ({ id, source, rows, shiftMs, open }: BackfillStatus): z.infer<typeof statusAnswer> => ({ id, source, rows, shiftMs, open })

/** What identifies an import, and by how much its times are moved. */
export const beginBody = z.strictObject({
  source: z.string().min(1).max(SOURCE_LENGTH_MAX),
  firstTime: instantSchema,
  shiftMs: z.int().min(-SHIFT_MS_MAX).max(SHIFT_MS_MAX).default(0),
})

function readRequest(value: unknown): { source: string; firstTime: number; shiftMs: number } {
  const { success, data, error } = beginBody.safeParse(value, { error: plainExpectation })
  if (!success) {
    const defects = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
    throw new RondoError('RONDO_BODY_INVALID', `The body does not begin an import: ${defects.join('; ')}.`)
  }
  return { ...data, firstTime: parseInstant(data.firstTime) ?? Number.NaN }
}
