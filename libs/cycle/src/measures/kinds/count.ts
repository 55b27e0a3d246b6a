import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator } from '../accumulator.ts'
import { BucketAccumulator } from '../buckets.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `count`: the number of events. */
export const count: MeasureKind<'count'> = {
  isNumber: true,
  changeByLeaving: 'falls',
  accumulator: (_, { window }) => (window === undefined ? new Count() : new WindowCount(window)),
}

/** The number of all events. */
class Count implements Accumulator {
  #count = 0

  reset(): void {
    this.#count = 0
  }
  add(): void {
    this.#count += 1
  }
  value(): number {
    return this.#count
  }
  read(from: ByteReader): void {
    this.#count = from.uint()
  }
  write(to: ByteWriter): void {
    to.uint(this.#count)
  }
}

/** The number of the events in a window: the number of each bucket. */
class WindowCount extends BucketAccumulator<number> {
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
