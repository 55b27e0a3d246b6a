import { definitionDefaults, type Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator, Contribution } from '../accumulator.ts'
import { NewestAccumulator } from '../buckets.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `distinct … by`: the number of different scalars, at most `cap`. */
export const distinct: MeasureKind<'distinct'> = {
  contributes: 'key',
  isNumber: true,
  changeByLeaving: 'falls',
  accumulator: ({ cap = definitionDefaults.distinctCap }, { window }) => (window === undefined ? new Distinct(cap) : new WindowDistinct(window, cap)),
}

/** The number of all different values. The first `cap` keys are enough. */
class Distinct implements Accumulator {
  readonly #cap: number
  readonly #keys = new Set<string>()

  constructor(cap: number) {
    this.#cap = cap
  }
  reset(): void {
    this.#keys.clear()
  }
  add(_at: Instant, _signals: number, contribution: Contribution): void {
    if (typeof contribution === 'string' && this.#keys.size < this.#cap) this.#keys.add(contribution)
  }
  value(): number {
    return this.#keys.size
  }
  read(from: ByteReader): void {
    this.#keys.clear()
    for (let left = from.uint(); left > 0; left--) this.#keys.add(from.text())
  }
  write(to: ByteWriter): void {
    to.uint(this.#keys.size)
    for (const key of this.#keys) to.text(key)
  }
}

/** The number of the different values in a window: each value is a key. */
class WindowDistinct extends NewestAccumulator<string> {
  add(at: Instant, _signals: number, contribution: Contribution): void {
    if (typeof contribution === 'string') this.addKey(at, contribution)
  }
  protected readContent(from: ByteReader): string {
    return from.text()
  }
  protected writeContent(to: ByteWriter, content: string): void {
    to.text(content)
  }
}
