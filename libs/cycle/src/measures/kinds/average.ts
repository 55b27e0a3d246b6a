import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator, Contribution } from '../accumulator.ts'
import { BucketAccumulator } from '../buckets.ts'
import { addDecimal, type Decimal, decimalOf, quotientNumber, readDecimal, writeDecimal } from '../decimal.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `average … of`: the sum of the amounts divided by their number; missing if there are none. */
export const average: MeasureKind<'average'> = {
  contributes: 'amount',
  isNumber: true,
  changeByLeaving: 'either way',
  accumulator: (_, { window }) => (window === undefined ? new Average() : new WindowAverage(window)),
}

/** The sum and the number of some amounts. */
interface Amounts {
  sum: Decimal
  count: number
}

const noAmounts = (): Amounts => ({ sum: { units: 0, millionths: 0 }, count: 0 })

function addAmounts(total: Amounts, sum: Decimal, count: number): void {
  addDecimal(total.sum, sum, 1)
  total.count += count
}

function averageOf({ sum, count }: Amounts): number | undefined {
  return count === 0 ? undefined : quotientNumber(sum, count)
}

function readAmounts(from: ByteReader): Amounts {
  return { sum: readDecimal(from), count: from.uint() }
}

function writeAmounts(to: ByteWriter, { sum, count }: Amounts): void {
  writeDecimal(to, sum)
  to.uint(count)
}

/** The average of all amounts. */
class Average implements Accumulator {
  #amounts = noAmounts()

  reset(): void {
    this.#amounts = noAmounts()
  }
  add(_at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount !== undefined) addAmounts(this.#amounts, amount, 1)
  }
  value(): number | undefined {
    return averageOf(this.#amounts)
  }
  read(from: ByteReader): void {
    this.#amounts = readAmounts(from)
  }
  write(to: ByteWriter): void {
    writeAmounts(to, this.#amounts)
  }
}

/** The average of the amounts in a window: the sum and the number of each bucket. */
class WindowAverage extends BucketAccumulator<Amounts> {
  add(at: Instant, _signals: number, contribution: Contribution): void {
    const amount = decimalOf(contribution)
    if (amount === undefined) return
    const bucket = this.slide(at)
    const last = this.buckets.length - 1
    if (this.buckets[last] === bucket) addAmounts(this.contents[last] as Amounts, amount, 1)
    else {
      this.buckets.push(bucket)
      this.contents.push({ sum: amount, count: 1 })
    }
  }
  protected valueOf(from: number, to: number): number | undefined {
    const amounts = noAmounts()
    for (let i = from; i < to; i++) addAmounts(amounts, (this.contents[i] as Amounts).sum, (this.contents[i] as Amounts).count)
    return averageOf(amounts)
  }
  protected changes(from: number, to: number): boolean {
    // The value stays equal if the amounts that remain have the same average.
    return this.valueOf(from, this.buckets.length) !== this.valueOf(to, this.buckets.length)
  }
  protected readContent(from: ByteReader): Amounts {
    return readAmounts(from)
  }
  protected writeContent(to: ByteWriter, content: Amounts): void {
    writeAmounts(to, content)
  }
}
