import type { FrameTraces } from '../event-log.ts'

/** About this many bytes of entries share a frame: brokers would refuse a larger one, and smaller ones cost more for each entry. */
const FRAME_BYTES = 65_536

/** Entries (one JSON text each) packed into frames, in their order. An entry larger than a frame gets one of its own. */
export function packFrames(lines: readonly string[]): string[] {
  const frames: string[] = []
  let begin = 0
  let size = 0
  for (const [at, line] of lines.entries()) {
    if (at > begin && size + line.length > FRAME_BYTES) {
      frames.push(lines.slice(begin, at).join('\n'))
      begin = at
      size = 0
    }
    // One more for the line break.
    size += line.length + 1
  }
  if (begin < lines.length) frames.push(lines.slice(begin).join('\n'))
  return frames
}

/** The lines of one traced request among lines that are packed together. */
export interface TracedLines {
  /** The index of its first line. */
  readonly from: number
  readonly count: number
  /** Its W3C traceparent. */
  readonly trace: string
}

/** How many traced requests of a frame are kept: a span has at most so many links by default. */
const TRACES_MAX = 128

/** Which traced requests have lines in which of the frames that all lines were packed into. */
export function tracesOfFrames(frames: readonly string[], traced: readonly TracedLines[]): FrameTraces {
  let begin = 0
  return frames.map((frame) => {
    const first = begin
    begin += frame.split('\n').length
    const traces = traced.flatMap(({ from, count, trace }) => (from < begin && from + count > first ? [trace] : []))
    return traces.length === 0 ? undefined : traces.slice(0, TRACES_MAX)
  })
}
