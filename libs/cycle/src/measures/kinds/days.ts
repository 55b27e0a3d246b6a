import type { Instant } from '#contracts'
import type { LocalDays } from '../../calendar/local-days.ts'
import type { Window } from '../../calendar/window.ts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator } from '../accumulator.ts'
import { NewestAccumulator } from '../buckets.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `days`: the number of local days with an event. */
export const days: MeasureKind<'days'> = {
  isNumber: true,
  readsDays: true,
  changeByLeaving: 'falls',
  accumulator: (_, context) => (context.window === undefined ? new Days(context.days) : new WindowDays(context.window, context.days)),
}

/** The number of all days with an event. Events are added in order of time, so a day is new if it is later than the last one. */
class Days implements Accumulator {
  readonly #days: LocalDays
  #count = 0
  #last = 0

  constructor(days: LocalDays) {
    this.#days = days
  }
  reset(): void {
    this.#count = 0
    this.#last = 0
  }
  add(at: Instant): void {
    const day = this.#days.dayOf(at)
    if (this.#count === 0 || day > this.#last) {
      this.#count += 1
      this.#last = day
    }
  }
  value(): number {
    return this.#count
  }
  read(from: ByteReader): void {
    this.#count = from.uint()
    this.#last = from.int()
  }
  write(to: ByteWriter): void {
    to.uint(this.#count)
    to.int(this.#last)
  }
}

/** The number of the days with an event in a window: each day is a key. */
class WindowDays extends NewestAccumulator<number> {
  readonly #days: LocalDays

  constructor(window: Window, days: LocalDays) {
    super(window, Number.POSITIVE_INFINITY)
    this.#days = days
  }
  add(at: Instant): void {
    this.addKey(at, this.#days.dayOf(at))
  }
  protected readContent(from: ByteReader): number {
    return from.int()
  }
  protected writeContent(to: ByteWriter, content: number): void {
    to.int(content)
  }
}
