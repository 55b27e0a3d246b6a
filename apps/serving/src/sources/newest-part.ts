import type { Instant } from '#contracts'
import type { LogRecord } from '#event-log'

/** The newest part of the log, newest first, as frames or pieces of them. */
export interface NewestPart {
  /** Frames that are folded. */
  readonly folded: readonly string[]
  /** Frames that are not folded yet. */
  readonly ahead: readonly string[]
  /** The log time of the fold; undefined before it has begun. */
  readonly foldedAt: Instant | undefined
  /** Durable events that get their place in the log when an import has ended. */
  readonly held: readonly string[]
  /** Whether `held` contains all held events. */
  readonly isHeldAll: boolean
}

/** Divides frames at the entry that was folded last. */
export function partAt(
  frames: readonly LogRecord[],
  last: { readonly offset: number; readonly index: number } | undefined,
): Pick<NewestPart, 'folded' | 'ahead'> {
  const [folded, ahead]: [string[], string[]] = [[], []]
  for (const { offset, frame } of frames) {
    if (last === undefined || offset > last.offset) ahead.push(frame)
    else if (offset < last.offset) folded.push(frame)
    else {
      const lines = frame.split('\n')
      folded.push(lines.slice(0, last.index + 1).join('\n'))
      ahead.push(lines.slice(last.index + 1).join('\n'))
    }
  }
  return { folded, ahead }
}
