import { createHash } from 'node:crypto'
import { type ActivityEvent, formatInstant, type Instant, instantOf, type QuarantineRecord, RondoError } from '#contracts'
import type { Backfill, BackfillStatus } from '#event-log'
import type { Clock } from '#runtime'
import { EVENT_BYTES_MAX, Refusal, type RowLine, readRowStream, toActivityEvent } from '#sources'
import { limitRow } from './backfill-rows.ts'
import { UploadTally } from './upload-tally.ts'

/** The limits of the rows in one transaction of the log. */
const PART_ROWS = 4096
const PART_LENGTH = 1 << 20
/** How often the rows of a part that is not full become durable: a sender may be slow, or pause. */
const PART_MS = 1000
/** 48 random bits, so that two sources in one log share no made id. */
const PREFIX_LENGTH = 8

export interface HistoryUploadOptions {
  /** The name under which the rows are sent: the same name means the same rows, in the same order. */
  readonly source: string
  readonly backfill: Backfill
  readonly clock: Clock
  /** The actor type of rows without one. */
  readonly actorType: string
  /** Called when more rows are durable. */
  readonly onPart: (tally: UploadTally) => void
}

/**
 * Puts an NDJSON body into the log as an import while it arrives, part by part. The next part is read when the one before is durable. Rows that an earlier
 * upload of the source has put there are recognized by their number and checksum, and are not written again.
 */
export class HistoryUpload {
  readonly #options: HistoryUploadOptions
  readonly #tally = new UploadTally()
  #part: (ActivityEvent | null)[] = []
  #partLength = 0
  #quarantine: QuarantineRecord[] = []
  #flushed: Promise<void> = Promise.resolve()
  /** How many rows are in the log. */
  #durable = 0
  /** The import; undefined before the first event. */
  #status: BackfillStatus | undefined

  constructor(options: HistoryUploadOptions) {
    this.#options = options
  }

  /**
   * Reads all of a body, and ends the import.
   * @throws RondoError RONDO_BODY_INVALID if it is no NDJSON, is cut off, or has no event; RONDO_IMPORT_TOO_OLD, RONDO_IMPORT_CONFLICT or RONDO_BACKFILL_BUSY
   */
  async read(chunks: AsyncIterable<Uint8Array>): Promise<UploadTally> {
    // A failure comes with the next part, or with the end.
    const pause = setInterval(() => void this.#flush().catch(() => {}), PART_MS)
    try {
      await this.#takeAll(chunks)
    } catch (error) {
      throw error instanceof RondoError && error.code === 'RONDO_INPUT_UNREADABLE' ? await this.#cutOff(error) : error
    } finally {
      clearInterval(pause)
    }
    await this.#flush()
    await this.#end()
    return this.#tally
  }

  async #takeAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { source, actorType } = this.#options
    const idPrefix = createHash('sha256').update(source).digest('base64url').slice(0, PREFIX_LENGTH)
    for await (const lines of readRowStream(chunks, { name: 'The body', actorType, idPrefix })) for (const line of lines) await this.#takeLine(line)
  }

  async #end(): Promise<void> {
    const { source, backfill } = this.#options
    const status = this.#status
    if (status === undefined) throw this.#noEvent()
    if (this.#tally.rows < status.rows) throw otherRows(source, `it ends after ${this.#tally.rows} rows, and ${status.rows} are in the log`)
    if (this.#tally.rows === status.rows) this.#checkKnown(status)
    if (status.open) await backfill.end(status.id)
  }

  /** What is complete is still written, and the failure says how much is in the log: a sender that sends the whole again continues there. */
  async #cutOff(cause: RondoError): Promise<RondoError> {
    await this.#flush()
    const taken = this.#durable === 0 ? 'Nothing of it was taken.' : `${this.#durable} rows of it are in the log; send the whole again, and the rest follows.`
    return new RondoError('RONDO_BODY_INVALID', `${cause.message} ${taken}`, { cause })
  }

  async #takeLine(line: RowLine): Promise<void> {
    const event = this.#eventOf(line.row)
    if (this.#status === undefined) await this.#begin(event)
    this.#take(line, event)
    if (this.#part.length >= PART_ROWS || this.#partLength >= PART_LENGTH) await this.#flush()
  }

  #take({ line, text }: RowLine, event: ActivityEvent | Refusal): void {
    const { rows: known = 0 } = this.#status ?? {}
    if (this.#status !== undefined && this.#tally.rows === known) this.#checkKnown(this.#status, 'more')
    this.#tally.read(text)
    if (this.#tally.rows <= known) this.#tally.copies += 1
    else if ('reason' in event) this.#refuse(line, text, event)
    else this.#accept(event)
    if (this.#tally.rows > known) this.#partLength += text.length
  }

  /** The import begins with the first event, whose time decides whether history can still be imported. */
  async #begin(event: ActivityEvent | Refusal): Promise<void> {
    const { backfill, source } = this.#options
    if ('reason' in event) {
      if (this.#part.length >= PART_ROWS) throw this.#noEvent()
      return
    }
    this.#status = await backfill.begin({ source, firstTime: instantOf(event.time) })
    this.#durable = this.#status.rows
    if (this.#durable === 0) return
    // The lines before the first event are in quarantine since the earlier upload.
    this.#tally.refusedBefore()
    this.#part = []
    this.#quarantine = []
  }

  /** Writes the rows so far. The writes come one after the other. */
  #flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#write())
    return this.#flushed
  }

  async #write(): Promise<void> {
    if (this.#status === undefined || this.#part.length === 0) return
    const [rows, quarantine] = [this.#part, this.#quarantine]
    this.#part = []
    this.#partLength = 0
    this.#quarantine = []
    const { tally, checksum } = { tally: this.#tally, checksum: this.#tally.checksum }
    const part = { first: tally.rows - rows.length, rows, quarantine, checksum }
    this.#durable = await this.#options.backfill.put(this.#status.id, part).catch((error) => {
      throw error instanceof RondoError && error.code === 'RONDO_NOT_FOUND' ? this.#endedByOther(error) : error
    })
    this.#options.onPart(tally)
  }

  /** Rows that are in the log are not written again, so they must be the same. */
  #checkKnown({ rows, checksum = this.#tally.checksum, open }: BackfillStatus, then?: 'more'): void {
    const { source } = this.#options
    if (checksum !== this.#tally.checksum) throw otherRows(source, `its first ${rows} rows are others than those in the log`)
    if (!open && then === 'more') throw otherRows(source, `it has more than the ${rows} rows with which the import ended`)
  }

  /** Only another upload of the name, or a pause of the import, can have ended it meanwhile. */
  #endedByOther(cause: RondoError): RondoError {
    const source = JSON.stringify(this.#options.source)
    const message = `The import of ${source} was ended while this body was read: by another upload of that name, or because no rows came for long. Send the whole again.`
    return new RondoError('RONDO_IMPORT_CONFLICT', message, { cause })
  }

  #eventOf(row: RowLine['row']): ActivityEvent | Refusal {
    if (row instanceof Refusal) return row
    const event = limitRow(toActivityEvent(row), this.#until())
    return 'reason' in event ? new Refusal(event.code, event.reason) : event
  }

  /** Rows are not later than the live events that wait for the end of the import. */
  #until(): Instant {
    const now = this.#options.clock.now()
    return Math.min(now, this.#options.backfill.heldSince ?? now)
  }

  #accept(event: ActivityEvent): void {
    this.#part.push(event)
    this.#tally.accept(instantOf(event.time), this.#options.backfill.graceMs)
  }

  #refuse(line: number, text: string, { code, reason }: Refusal): void {
    const { source, clock } = this.#options
    this.#part.push(null)
    this.#quarantine.push({ code, reason, where: `${source}, line ${line}`, refusedAt: formatInstant(clock.now()), raw: text.slice(0, EVENT_BYTES_MAX) })
    this.#tally.refuse({ line, code, message: reason })
  }

  #noEvent(): RondoError {
    if (this.#tally.rows === 0) return new RondoError('RONDO_BODY_INVALID', 'The body is empty: expected activity events or calls, one JSON object a line.')
    const [first] = this.#tally.summary.rejected
    const why = first === undefined ? '' : `; line ${first.line}: ${first.message}`
    return new RondoError('RONDO_BODY_INVALID', `The body has no event in its first ${this.#tally.rows} lines${why}. Nothing of it was taken.`)
  }
}

function otherRows(source: string, how: string): RondoError {
  return new RondoError(
    'RONDO_IMPORT_CONFLICT',
    `The body is not the one that was sent as ${JSON.stringify(source)} before: ${how}. Send other rows under another name.`,
  )
}
