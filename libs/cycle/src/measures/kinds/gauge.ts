import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator } from '../accumulator.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `gauge … minus`: up before down, never below 0 (rule 18). */
export const gauge: MeasureKind<'gauge'> = {
  isNumber: true,
  accumulator: (definition, { signalBits }) => new Gauge(signalBits(definition.gauge), signalBits(definition.minus)),
}

/** A level that signals raise and lower. */
class Gauge implements Accumulator {
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
