import type { Instant } from '#contracts'
import type { Window } from '../calendar/window.ts'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'
import type { Accumulator, Contribution } from './accumulator.ts'
import { BucketAccumulator } from './buckets.ts'
import { compareDecimals, type Decimal, decimalNumber, decimalOf, readDecimal, writeDecimal } from './decimal.ts'

/** Whether the largest or the smallest amount is kept. */
type End = 'max' | 'min'

/** Whether a later `amount` replaces `kept`. Also if they are equal, because the later one stays longer in a window. */
const replaces: Readonly<Record<End, (amount: Decimal, kept: Decimal) => boolean>> = {
  max: (amount, kept) => compareDecimals(amount, kept) >= 0,
  min: (amount, kept) => compareDecimals(amount, kept) <= 0,
}

/** `max … of` and `min … of` without a window. */
export class Extreme implements Accumulator {
  readonly #replaces: (amount: Decimal, kept: Decimal) => boolean
  #kept: Decimal | undefined

  constructor(end: End) {
    this.#replaces = replaces[end]
  }
  reset(): void {
    this.#kept = undefined
  }
  add(_at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount !== undefined && (this.#kept === undefined || this.#replaces(amount, this.#kept))) this.#kept = amount
  }
  value(): number | undefined {
    return this.#kept === undefined ? undefined : decimalNumber(this.#kept)
  }
  read(from: ByteReader): void {
    this.#kept = from.u8() === 0 ? undefined : readDecimal(from)
  }
  write(to: ByteWriter): void {
    to.u8(this.#kept === undefined ? 0 : 1)
    if (this.#kept !== undefined) writeDecimal(to, this.#kept)
  }
}

/**
 * `max … within` and `min … within`. An amount that a later one replaces can never be the value again. So the kept amounts are in order: the
 * oldest one in the window is the value, and the value changes when it leaves.
 */
export class WindowExtreme extends BucketAccumulator<Decimal> {
  readonly #replaces: (amount: Decimal, kept: Decimal) => boolean

  constructor(end: End, window: Window) {
    super(window)
    this.#replaces = replaces[end]
  }
  add(at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount === undefined) return
    const bucket = this.slide(at)
    while (this.contents.length > 0 && this.#replaces(amount, this.contents.at(-1) as Decimal)) {
      this.contents.pop()
      this.buckets.pop()
    }
    // A better amount of the same bucket is kept, and leaves at the same time: this one can never be the value.
    if (this.buckets.at(-1) === bucket) return
    this.buckets.push(bucket)
    this.contents.push(amount)
  }
  protected valueOf(from: number, to: number): number | undefined {
    return from < to ? decimalNumber(this.contents[from] as Decimal) : undefined
  }
  /** The value may change whenever a bucket leaves. */
  protected changes(): boolean {
    return true
  }
  protected readContent(from: ByteReader): Decimal {
    return readDecimal(from)
  }
  protected writeContent(to: ByteWriter, content: Decimal): void {
    writeDecimal(to, content)
  }
}
