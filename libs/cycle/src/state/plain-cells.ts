import type { Instant } from '#contracts'
import type { LocalDays } from '../calendar/local-days.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Cell, Contribution } from './cell.ts'
import { addDecimal, type Decimal, decimalNumber, decimalOf } from './decimal.ts'

/** `count` without a window. */
export class CountCell implements Cell {
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

/** `sum` without a window. */
export class SumCell implements Cell {
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
    to.int(this.#sum.units)
    to.uint(this.#sum.millionths)
  }
}

/** `days` without a window: events come in order of time, so a day is new if it is not the last one. */
export class DaysCell implements Cell {
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

/** `distinct` without a window: the first `cap` keys are enough. */
export class DistinctCell implements Cell {
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

/** `gauge … minus`: up before down, never below 0 (rule 18). */
export class GaugeCell implements Cell {
  readonly #up: number
  readonly #down: number
  #level = 0

  constructor(up: number, down: number) {
    this.#up = up
    this.#down = down
  }
  reset(): void {
    this.#level = 0
  }
  add(_at: Instant, signals: number): void {
    if ((signals & this.#up) !== 0) this.#level += 1
    if ((signals & this.#down) !== 0 && this.#level > 0) this.#level -= 1
  }
  value(): number {
    return this.#level
  }
  read(from: ByteReader): void {
    this.#level = from.uint()
  }
  write(to: ByteWriter): void {
    to.uint(this.#level)
  }
}

/** `last … of`: the JSON text of the newest value; undefined until an event had one. */
export class LastCell implements Cell {
  #json = ''

  reset(): void {
    this.#json = ''
  }
  add(_at: Instant, _signals: number, contribution: Contribution): void {
    if (typeof contribution === 'string') this.#json = contribution
  }
  value(): unknown {
    return this.#json === '' ? undefined : JSON.parse(this.#json)
  }
  read(from: ByteReader): void {
    this.#json = from.text()
  }
  write(to: ByteWriter): void {
    to.text(this.#json)
  }
}
