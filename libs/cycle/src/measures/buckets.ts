import type { Instant } from '#contracts'
import type { Window } from '../calendar/window.ts'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'
import type { Accumulator, Contribution } from './accumulator.ts'

const NEVER = Number.POSITIVE_INFINITY

/**
 * The common part of accumulators with a window: the buckets that are not empty, oldest first, each with its content. Buckets that left the
 * window are skipped, and dropped at the next event.
 */
export abstract class BucketAccumulator<Content> implements Accumulator {
  protected readonly window: Window
  protected readonly buckets: number[] = []
  protected readonly contents: Content[] = []

  constructor(window: Window) {
    this.window = window
  }

  abstract add(at: Instant, signals: number, contribution: Contribution): void
  /** The value of the contents from index `from` to `to`, exclusive. */
  protected abstract valueOf(from: number, to: number): unknown
  /** Whether the value changes when the contents from `from` to `to`, exclusive, leave the window. */
  protected abstract changes(from: number, to: number): boolean
  protected abstract readContent(from: ByteReader): Content
  protected abstract writeContent(to: ByteWriter, content: Content): void

  reset(): void {
    this.buckets.length = 0
    this.contents.length = 0
  }

  value(at: Instant): unknown {
    const now = this.window.bucketOf(at)
    let from = 0
    while (from < this.buckets.length && (this.buckets[from] as number) <= now - this.window.span) from++
    return this.valueOf(from, this.buckets.length)
  }

  runOut(after: Instant): Instant {
    for (let from = 0; from < this.buckets.length; ) {
      const bucket = this.buckets[from] as number
      let to = from + 1
      while (to < this.buckets.length && this.buckets[to] === bucket) to++
      const boundary = this.window.startOf(bucket + this.window.span)
      if (boundary > after && this.changes(from, to)) return boundary
      from = to
    }
    return NEVER
  }

  /** Drops the buckets that left the window before the bucket of `at`. @returns the bucket of `at` */
  protected slide(at: Instant): number {
    const bucket = this.window.bucketOf(at)
    let dropped = 0
    while (dropped < this.buckets.length && (this.buckets[dropped] as number) < bucket - this.window.span) dropped++
    if (dropped > 0) {
      this.buckets.splice(0, dropped)
      this.contents.splice(0, dropped)
    }
    return bucket
  }

  read(from: ByteReader): void {
    this.reset()
    let bucket = 0
    for (let left = from.uint(); left > 0; left--) {
      bucket += from.int()
      this.buckets.push(bucket)
      this.contents.push(this.readContent(from))
    }
  }

  write(to: ByteWriter): void {
    to.uint(this.buckets.length)
    let previous = 0
    for (let i = 0; i < this.buckets.length; i++) {
      const bucket = this.buckets[i] as number
      to.int(bucket - previous)
      this.writeContent(to, this.contents[i] as Content)
      previous = bucket
    }
  }
}

/** The common part of `distinct … within` and `days … within`: each key with the newest bucket in which it occurred, oldest first. */
export abstract class NewestAccumulator<Key> extends BucketAccumulator<Key> {
  protected readonly cap: number

  constructor(window: Window, cap: number) {
    super(window)
    this.cap = cap
  }

  protected addKey(at: Instant, key: Key): void {
    const bucket = this.slide(at)
    const seen = this.contents.indexOf(key)
    if (seen >= 0) {
      this.buckets.splice(seen, 1)
      this.contents.splice(seen, 1)
    }
    this.buckets.push(bucket)
    this.contents.push(key)
    // Keys leave the window oldest first, so the newest `cap` keys are enough for the value at every later instant.
    if (this.contents.length > this.cap) {
      this.buckets.shift()
      this.contents.shift()
    }
  }
  protected valueOf(from: number, to: number): number {
    return to - from
  }
  protected changes(): boolean {
    return true
  }
}
