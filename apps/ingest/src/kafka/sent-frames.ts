import type { Instant } from '#contracts'
import { type FrameTraces, tracesOfFrames } from '#event-log'

/** Lines that are written together. Events may wait in a buffer; a control record or a tick is true only of the process that wrote it. */
export interface Item {
  readonly kind: 'events' | 'control' | 'tick'
  readonly lines: readonly string[]
  /** Undefined for a tick: no caller waits for it. */
  readonly since: Instant | undefined
  /** The W3C traceparent of its request, if that is traced. */
  readonly trace?: string | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** An item whose caller waits until it is durable. */
export function openItem(kind: Item['kind'], lines: readonly string[], since: Instant, trace?: string): { readonly item: Item; readonly ended: Promise<void> } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { item: { kind, lines, since, trace, resolve, reject }, ended: promise }
}

/** A frame that is written to the log. */
export interface SentFrame {
  readonly frame: string
  /** The arrival of its oldest event. */
  readonly arrival: Instant
  /** Whether it has events, and may be kept in the buffer. */
  readonly isKept: boolean
  /** Its number in the buffer, if it is there. */
  number?: number
  /** The control records and ticks that it is made of. */
  readonly items: readonly Item[]
  /** The traced requests that have events in it. A frame that waits in the buffer loses them. */
  readonly traces?: readonly string[] | undefined
}

/** Items as frames, in their order. Events have frames of their own, because only they may wait in a buffer for another process. */
export function packItems(items: readonly Item[], pack: (lines: readonly string[]) => string[]): SentFrame[] {
  const frames: SentFrame[] = []
  for (let begin = 0; begin < items.length; ) {
    const isKept = items[begin]?.kind === 'events'
    const after = items.findIndex(({ kind }, at) => at > begin && (kind === 'events') !== isKept)
    const run = items.slice(begin, after === -1 ? items.length : after)
    const arrival = run.find(({ since }) => since !== undefined)?.since ?? 0
    const packed = pack(run.flatMap(({ lines }) => lines))
    const traces = tracesOfRun(run, packed)
    for (const [at, frame] of packed.entries()) {
      frames.push({ frame, arrival, isKept, items: isKept || at > 0 ? [] : run, traces: traces?.[at] })
    }
    begin += run.length
  }
  return frames
}

function tracesOfRun(run: readonly Item[], frames: readonly string[]): FrameTraces | undefined {
  if (!run.some(({ trace }) => trace !== undefined)) return undefined
  let from = 0
  const traced = run.flatMap(({ lines: { length: count }, trace }) => {
    from += count
    return trace === undefined ? [] : [{ from: from - count, count, trace }]
  })
  return tracesOfFrames(frames, traced)
}

/** The frames themselves, to be appended. */
export const framesOf = (sent: readonly SentFrame[]): string[] => sent.map(({ frame }) => frame)

/** The traces of frames that are sent together, as an option of their append. */
export function tracesOf(sent: readonly SentFrame[]): { readonly traces: FrameTraces } | undefined {
  return sent.some(({ traces }) => traces !== undefined) ? { traces: sent.map(({ traces }) => traces) } : undefined
}

/** The bytes of lines in a frame, each with its line feed. */
export function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
