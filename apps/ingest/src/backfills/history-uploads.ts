import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { z } from 'zod'
import { instantSchema, RondoError } from '#contracts'
import type { Backfill } from '#event-log'
import type { Clock } from '#runtime'
import { type Upload, uploadOf } from '../../../nest/src/http/upload.ts'
import { SOURCE_LENGTH_MAX } from './backfills.ts'
import { HistoryUpload } from './history-upload.ts'
import type { UploadTally } from './upload-tally.ts'

/** The time between two lines of progress. */
const PROGRESS_MS = 1000
const NDJSON = 'application/x-ndjson'

export interface HistoryUploadsOptions {
  readonly backfill: Backfill
  readonly clock: Clock
  readonly actorType: string
}

/** The answer to an upload that is in the log. */
const uploadReceipt = z.strictObject({
  source: z.string(),
  done: z.literal(true),
  bytes: z.int(),
  rows: z.int(),
  accepted: z.int(),
  refused: z.int(),
  copies: z.int(),
  late: z.int(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  rejected: z.array(z.strictObject({ line: z.int(), code: z.string(), message: z.string() })),
})
export type UploadReceipt = z.infer<typeof uploadReceipt>
/** NDJSON: lines of progress, then the receipt. */
export const uploadAnswer = { 'application/json': uploadReceipt, [NDJSON]: z.string() }
export const uploadBody = { [NDJSON]: z.string() }

/** Histories that come as one body of any length, such as `curl -T history.ndjson`. */
export class HistoryUploads {
  readonly #options: HistoryUploadsOptions

  constructor(options: HistoryUploadsOptions) {
    this.#options = options
  }

  /**
   * Puts a body into the log. A client that accepts NDJSON gets lines of progress while the body is read, and the receipt or the problem as the last one;
   * any other client gets the receipt.
   */
  async take(source: string, request: IncomingMessage, response: ServerResponse): Promise<UploadReceipt | { readonly lines: Readable }> {
    if (source.length > SOURCE_LENGTH_MAX)
      throw new RondoError('RONDO_ARGUMENT_INVALID', `The name of the source is longer than ${SOURCE_LENGTH_MAX} characters.`)
    const upload = uploadOf(request, response)
    if (request.headers.accept?.includes(NDJSON) !== true) return this.#read(source, upload, () => {})
    const lines = new PassThrough()
    void this.#report(source, upload, lines)
    return { lines }
  }

  async #report(source: string, upload: Upload, lines: PassThrough): Promise<void> {
    const { clock } = this.#options
    let reportedAt = clock.now()
    const write = (value: unknown): void => void lines.write(`${JSON.stringify(value)}\n`)
    try {
      const receipt = await this.#read(source, upload, ({ counts }) => {
        if (clock.now() - reportedAt < PROGRESS_MS) return
        reportedAt = clock.now()
        write({ source, done: false, bytes: upload.received(), bytesOfAll: upload.length ?? null, ...counts })
      })
      write(receipt)
    } catch (error) {
      const { code, message } = error instanceof RondoError ? error : new RondoError('RONDO_INTERNAL', String(error))
      write({ source, done: false, bytes: upload.received(), code, message })
    }
    lines.end()
  }

  async #read(source: string, upload: Upload, onPart: (tally: UploadTally) => void): Promise<UploadReceipt> {
    const tally = await new HistoryUpload({ ...this.#options, source, onPart }).read(upload.chunks)
    return { source, done: true, bytes: upload.received(), ...tally.summary }
  }
}
