import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator, Contribution } from '../accumulator.ts'
import { BucketAccumulator } from '../buckets.ts'
import { addDecimal, type Decimal, decimalNumber, decimalOf, readDecimal, writeDecimal } from '../decimal.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `sum … of`: the sum of the amounts; 0 if there are none. */
export const sum: MeasureKind<'sum'> = {
  contributes: 'amount',
  isNumber: true,
  // It grows when a negative amount leaves.
  changeByLeaving: 'either way',
  accumulator: (_, { window }) => (window === undefined ? new Sum() : new WindowSum(window)),
}

/** The sum of all amounts. */
class Sum implements Accumulator {
  readonly #sum: Decimal = { units: 0, millionths: 0 }

  reset(): void {
    this.#sum.units = 0
    this.#sum.millionths = 0
  }
  add(_at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount !== undefined) addDecimal(this.#sum, amount, 1)
  }
  value(): number {
    return decimalNumber(this.#sum)
  }
  read(from: ByteReader): void {
    this.#sum.units = from.int()
    this.#sum.millionths = from.uint()
  }
  write(to: ByteWriter): void {
    writeDecimal(to, this.#sum)
  }
}

/** The sum of the amounts in a window: the sum of each bucket. */
class WindowSum extends BucketAccumulator<Decimal> {
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
    // Beyond 2^53 millionths two different sums can be the same double.
    return this.valueOf(from, this.buckets.length) !== this.valueOf(to, this.buckets.length)
  }
  protected readContent(from: ByteReader): Decimal {
    return readDecimal(from)
  }
  protected writeContent(to: ByteWriter, content: Decimal): void {
    writeDecimal(to, content)
  }
}
