import { isUtf8 } from 'node:buffer'
import { RondoError } from '#contracts'
import { invalidRow, Refusal } from '../rows/refusal.ts'
import { type Input, nameOf, readInput } from './input.ts'

/** Some lines of a text, without their line ends. */
export interface LineBatch {
  /** The number of the first line, from 1. */
  readonly first: number
  readonly texts: readonly string[]
  /** The refusals of lines that are not valid text, by their index in `texts`. */
  readonly refusals: ReadonlyMap<number, Refusal>
}

/** The limit of a line in bytes. It is the size limit of a request to ingest. */
export const LINE_BYTES_MAX = 1_048_576

/** The codes of a line feed and a carriage return. */
const NEWLINE = 10
const RETURN = 13
/** The reader searches the first bytes of a file for a line feed, as many as this. If there is none, a carriage return ends a line, as in files of old Macs. */
const LOOK_BYTES = 65_536
/** Room for the beginning of a line, at first. */
const REST_BYTES = 65_536
const noRefusals: ReadonlyMap<number, Refusal> = new Map()

/** Makes each line a separate string. A slice of a larger string would keep the larger string in memory as long as a field of the line. */
function split(block: Buffer, first: number, newline: number): LineBatch {
  const texts: string[] = []
  const refusals = new Map<number, Refusal>()
  const isValid = isUtf8(block)
  for (let start = 0; start < block.length; ) {
    const next = block.indexOf(newline, start)
    const end = next === -1 ? block.length : next
    const refusal = lineRefusal(block, start, end, isValid)
    if (refusal !== undefined) refusals.set(texts.length, refusal)
    texts.push(block.toString('utf8', start, end))
    start = end + 1
  }
  return { first, texts, refusals: refusals.size === 0 ? noRefusals : refusals }
}

function lineRefusal(block: Buffer, start: number, end: number, isValid: boolean): Refusal | undefined {
  if (end - start > LINE_BYTES_MAX) return new Refusal('RONDO_EVENT_TOO_LARGE', `expected a line of at most ${LINE_BYTES_MAX} bytes`)
  return isValid || isUtf8(block.subarray(start, end))
    ? undefined
    : invalidRow('expected UTF-8; name the encoding of the file, such as --encoding windows-1252')
}

/** Divides chunks of bytes into blocks of whole lines. Only the beginning of a line that is too long is kept. */
class LineCutter {
  /** The beginning of a line whose end has not come yet. The buffer is used for all lines: one for each chunk would cost the square of the length of a line. */
  #rest = Buffer.alloc(REST_BYTES)
  #length = 0
  readonly #newline: number

  constructor(newline: number) {
    this.#newline = newline
  }

  take(chunk: Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const newline = bytes.lastIndexOf(this.#newline)
    if (newline === -1) {
      this.#keep(bytes.subarray(0, Math.max(0, LINE_BYTES_MAX + 1 - this.#length)))
      return undefined
    }
    const isLong = this.#length > LINE_BYTES_MAX
    const tail = bytes.subarray(isLong ? bytes.indexOf(this.#newline) : 0, newline + 1)
    const block = this.#length === 0 ? tail : Buffer.concat([this.#rest.subarray(0, this.#length), tail])
    this.#length = 0
    this.#keep(bytes.subarray(newline + 1))
    return block
  }

  #keep(bytes: Buffer): void {
    const length = this.#length + bytes.length
    if (length > this.#rest.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#rest.length))
      this.#rest.copy(larger, 0, 0, this.#length)
      this.#rest = larger
    }
    bytes.copy(this.#rest, this.#length)
    this.#length = length
  }

  end(): Buffer | undefined {
    return this.#length === 0 ? undefined : this.#rest.subarray(0, this.#length)
  }
}

/** A part of the input that ends with a line, and the byte that ends a line there. */
interface Block {
  readonly bytes: Buffer
  readonly newline: number
}

async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let cutter: LineCutter | undefined
  let newline = NEWLINE
  for await (const chunk of untilLineEnd(chunks)) {
    if (cutter === undefined) {
      newline = newlineOf(chunk)
      cutter = new LineCutter(newline)
    }
    const bytes = cutter.take(chunk)
    if (bytes !== undefined) yield { bytes, newline }
  }
  const last = cutter?.end()
  if (last !== undefined) yield { bytes: last, newline }
}

/** The line end of a text that begins with these bytes. */
const newlineOf = (bytes: Uint8Array): number => (bytes.includes(NEWLINE) || !bytes.includes(RETURN) ? NEWLINE : RETURN)

/** Joins the first chunks until they contain a line feed or reach LOOK_BYTES, so that the line end can be detected. The bytes do not change. */
async function* untilLineEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] | undefined = []
  let length = 0
  for await (const chunk of chunks) {
    if (held === undefined) {
      yield chunk
      continue
    }
    held.push(chunk)
    length += chunk.length
    if (!chunk.includes(NEWLINE) && length < LOOK_BYTES) continue
    yield Buffer.concat(held)
    held = undefined
  }
  if (held !== undefined && length > 0) yield Buffer.concat(held)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
  Z_BUF_ERROR: 'the archive ends too early',
  Z_DATA_ERROR: 'the archive is damaged',
}

function unreadable(input: Input, lines: number, error: unknown): RondoError {
  if (error instanceof RondoError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const reason = reasons[code] ?? (code.startsWith('ZSTD') ? `the archive is damaged (${message})` : message)
  const place = lines === 0 ? '' : ` after line ${lines}`
  return new RondoError('RONDO_INPUT_UNREADABLE', `${nameOf(input)} cannot be read${place}: ${reason}.`, { cause: error })
}

const BOM = '\uFEFF'

/**
 * The lines of a plain, gzip or zstd file, or of standard input, in batches.
 * @throws RondoError RONDO_INPUT_UNREADABLE with the file and the last line that was read.
 */
export async function* readLines(input: Input): AsyncGenerator<LineBatch> {
  let lines = 0
  try {
    for await (const { bytes, newline } of blocksOf(readInput(input))) {
      const batch = split(bytes, lines + 1, newline)
      const texts = lines === 0 && batch.texts[0]?.startsWith(BOM) ? [batch.texts[0].slice(1), ...batch.texts.slice(1)] : batch.texts
      yield { ...batch, texts }
      lines += texts.length
    }
  } catch (error) {
    throw unreadable(input, lines, error)
  }
}
