import type { Instant } from '#contracts'
import type { BufferedFrame, BufferPart, LogRecord, NumberedFrame } from '#event-log'
import { overloaded } from '../admission/overloaded.ts'

/** About this many bytes are written to the log at once. */
const PART_BYTES = 1_000_000

/** The files of one partition, its limit, and its records in the log. */
export interface PartitionBufferOptions {
  readonly part: BufferPart
  /** Whether there is room for more bytes. */
  readonly fits: (bytes: number) => boolean
  /** The records of the partition from an offset on, to its present end. */
  readonly tail: (from: number) => AsyncIterable<LogRecord>
  readonly onAlarm: (text: string) => void
}

/** The frames of one partition that are kept on disk until they are in the log. */
export class PartitionBuffer {
  readonly #options: PartitionBufferOptions

  constructor(options: PartitionBufferOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#options.part.isEmpty
  }

  get oldestArrival(): Instant | undefined {
    return this.#options.part.oldestArrival
  }

  /** The number of the newest frame. */
  get newest(): number {
    return this.#options.part.newest
  }

  fits(bytes: number): boolean {
    return this.#options.fits(bytes)
  }

  /**
   * @param end the offset after the last frame that is known to be in the log
   * @returns the number of the first frame; the others follow it
   * @throws RondoError RONDO_OVERLOADED if the bound is reached, RONDO_DATA_FULL if the disk is full: then none of them was added
   */
  add(frames: readonly BufferedFrame[], end: number | undefined): number {
    if (!this.#options.fits(frames.reduce((sum, { frame }) => sum + Buffer.byteLength(frame), 0))) throw bufferFull()
    this.#options.part.add(frames, end)
    return this.newest - frames.length + 1
  }

  oldest(): NumberedFrame[] {
    return this.#options.part.oldest(PART_BYTES)
  }

  /** To be called when the partition answers. */
  rest(): void {
    this.#options.part.rest()
  }

  /** Frames up to this number are in the log. If the disk is too full to remove them, they are found in the log again after a crash. */
  remove(last: number, end: number): void {
    try {
      this.#options.part.remove(last, end)
    } catch (error) {
      this.#options.onAlarm((error as Error).message)
    }
  }

  /** Removes the frames that are in the log, although their append has had no answer. They were sent in their order, so they are the oldest ones. */
  async lookUp(): Promise<void> {
    const { part, tail } = this.#options
    if (part.isEmpty || part.end === undefined) return
    let [frames, at] = [this.oldest(), 0]
    let found: { readonly last: number; readonly end: number } | undefined
    for await (const { offset, frame } of tail(part.end)) {
      const next = frames[at]
      if (next?.frame !== frame) continue
      found = { last: next.number, end: offset + 1 }
      at += 1
      if (at === frames.length) [frames, at] = [part.oldest(PART_BYTES, next.number), 0]
    }
    if (found !== undefined) this.remove(found.last, found.end)
  }
}

/** The refusal of a request for whose events the buffer has no room. */
export function bufferFull(): Error {
  return overloaded('The log does not answer, and the buffer for its events is full')
}
