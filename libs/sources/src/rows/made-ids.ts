import { RondoError } from '#contracts'

/** The number of digits of a made id: enough for a trillion rows. */
const ID_DIGITS = 12
const TAIL = /^\d{12}(~*)$/
/** The limit of tildes. With so many tildes and the longest prefix, an id is still below its limit of 256 bytes. */
const TILDES_MAX = 200

/**
 * The ids of rows without one: their position among all rows of the input, so that equal rows get different ids and the same input gives
 * the same ids. If an id of the input has this form, all made ids get tildes at their end, more than any id of the input: otherwise a
 * row could be dropped as a copy of another.
 */
export class MadeIds {
  readonly #prefix: string
  readonly #used = new Set<number>()

  constructor(prefix = '') {
    this.#prefix = prefix
  }

  /** The id of the row at a position, from 1, without tildes. */
  at(position: number): string {
    return this.#prefix + String(position).padStart(ID_DIGITS, '0')
  }

  /** To be called with each id of the input. */
  avoid(id: string): void {
    if (id.length < ID_DIGITS || !id.startsWith(this.#prefix)) return
    const tildes = TAIL.exec(id.slice(this.#prefix.length))?.[1]
    if (tildes !== undefined) this.#used.add(tildes.length)
  }

  /** The end of all made ids, known when all rows have been read. */
  get ending(): string {
    let tildes = 0
    while (this.#used.has(tildes)) tildes += 1
    if (tildes > TILDES_MAX)
      throw new RondoError('RONDO_INPUT_UNREADABLE', `The ids of the input look like made ones, up to ${TILDES_MAX} tildes: give every row an id.`)
    return '~'.repeat(tildes)
  }
}
