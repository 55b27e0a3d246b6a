import type { Instant } from '#contracts'
import type { ByteReader, ByteWriter } from '../../packed/bytes.ts'
import type { Accumulator, Contribution } from '../accumulator.ts'
import type { MeasureKind } from '../measure-kind.ts'

/** `last … of`: the newest value that is neither missing nor null; missing before the first one. */
export const last: MeasureKind<'last'> = { contributes: 'json', isNumber: false, accumulator: () => new Last() }

/** The newest value. */
class Last implements Accumulator {
  /** The JSON text of the value; empty if there is none. */
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
