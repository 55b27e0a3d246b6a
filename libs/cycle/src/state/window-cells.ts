import type { Instant } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { Window } from '../calendar/window.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Cell, Contribution } from './cell.ts'
import { addDecimal, type Decimal, decimalNumber, decimalOf } from './decimal.ts'

const NEVER = Number.POSITIVE_INFINITY

/**
 * What the windowed cells have in common: buckets that are not empty, oldest first, and beside each what lies in it. Buckets that left
 * the window are dropped when the next event comes; until then they are passed over.
 */
abstract class BucketCell<Content> implements Cell {
  protected readonly window: Window
  protected readonly buckets: number[] = []
  protected readonly contents: Content[] = []

  constructor(window: Window) {
    this.window = window
  }

  abstract add(at: Instant, signals: number, contribution: Contribution): void
  /** The value over the contents from index `from` to (and without) `to`. */
  protected abstract valueOf(from: number, to: number): unknown
  /** Whether the value changes when the contents from `from` to (and without) `to` leave. */
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

  /** Drops what left the window before the bucket of `at` began. @returns the bucket of `at` */
  protected slide(at: Instant): number {
    const bucket = this.window.bucketOf(at)
    let gone = 0
    while (gone < this.buckets.length && (this.buckets[gone] as number) < bucket - this.window.span) gone++
    if (gone > 0) {
      this.buckets.splice(0, gone)
      this.contents.splice(0, gone)
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

/** `count … within`. */
export class WindowCountCell extends BucketCell<number> {
  add(at: Instant): void {
    const bucket = this.slide(at)
    const last = this.buckets.length - 1
    if (this.buckets[last] === bucket) this.contents[last] = (this.contents[last] as number) + 1
    else {
      this.buckets.push(bucket)
      this.contents.push(1)
    }
  }
  protected valueOf(from: number, to: number): number {
    let count = 0
    for (let i = from; i < to; i++) count += this.contents[i] as number
    return count
  }
  protected changes(): boolean {
    return true
  }
  protected readContent(from: ByteReader): number {
    return from.uint()
  }
  protected writeContent(to: ByteWriter, content: number): void {
    to.uint(content)
  }
}

/** `sum … within`. */
export class WindowSumCell extends BucketCell<Decimal> {
  add(at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount === undefined) return
    const bucket = this.slide(at)
    const last = this.buckets.length - 1
    if (this.buckets[last] === bucket) addDecimal(this.contents[last] as Decimal, amount, 1)
    else {
      this.buckets.push(bucket)
      this.contents.push(amount)
    }
  }
  protected valueOf(from: number, to: number): number {
    const sum = { units: 0, millionths: 0 }
    for (let i = from; i < to; i++) addDecimal(sum, this.contents[i] as Decimal, 1)
    return decimalNumber(sum)
  }
  protected changes(from: number, to: number): boolean {
    // A sum beyond 2^53 millionths may be the same double without them.
    return this.valueOf(from, this.buckets.length) !== this.valueOf(to, this.buckets.length)
  }
  protected readContent(from: ByteReader): Decimal {
    return { units: from.int(), millionths: from.uint() }
  }
  protected writeContent(to: ByteWriter, content: Decimal): void {
    to.int(content.units)
    to.uint(content.millionths)
  }
}

/** What `distinct … within` and `days … within` share: each key beside the newest bucket that it was seen in, oldest first. */
abstract class NewestCell<Key> extends BucketCell<Key> {
  protected readonly cap: number

  constructor(window: Window, cap: number) {
    super(window)
    this.cap = cap
  }

  protected see(at: Instant, key: Key): void {
    const bucket = this.slide(at)
    const seen = this.contents.indexOf(key)
    if (seen >= 0) {
      this.buckets.splice(seen, 1)
      this.contents.splice(seen, 1)
    }
    this.buckets.push(bucket)
    this.contents.push(key)
    // Keys leave the window oldest first, so the newest `cap` decide min(cap, number) at every later moment.
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

/** `distinct … within`. */
export class WindowDistinctCell extends NewestCell<string> {
  add(at: Instant, _signals: number, contribution: Contribution): void {
    if (typeof contribution === 'string') this.see(at, contribution)
  }
  protected readContent(from: ByteReader): string {
    return from.text()
  }
  protected writeContent(to: ByteWriter, content: string): void {
    to.text(content)
  }
}

/** `days … within`. */
export class WindowDaysCell extends NewestCell<number> {
  readonly #days: LocalDays

  constructor(window: Window, days: LocalDays) {
    super(window, Number.POSITIVE_INFINITY)
    this.#days = days
  }
  add(at: Instant): void {
    this.see(at, this.#days.dayOf(at))
  }
  protected readContent(from: ByteReader): number {
    return from.int()
  }
  protected writeContent(to: ByteWriter, content: number): void {
    to.int(content)
  }
}
