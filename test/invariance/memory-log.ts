import type { LogRecord, LogWriter } from '#event-log'

/** The frames of a log in memory, by partition. */
export class MemoryLog implements LogWriter {
  readonly frames: string[][]
  readonly partitions: number

  constructor(partitions: number) {
    this.partitions = partitions
    this.frames = Array.from({ length: partitions }, () => [])
  }

  async append(partition: number, frames: readonly string[]): Promise<number> {
    return (this.frames[partition] as string[]).push(...frames) - frames.length
  }

  async close(): Promise<void> {}
}

/** The records of a partition of such a log. @param appendedAt the time of each, if its log has times */
export async function* recordsOf(frames: readonly string[], appendedAt?: number): AsyncGenerator<LogRecord> {
  for (const [offset, frame] of frames.entries()) yield { offset, frame, ...(appendedAt === undefined ? {} : { appendedAt }) }
}
