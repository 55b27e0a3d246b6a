/** Gives each different value a number, from 1, in the order of its first use. */
export class Numbering {
  readonly #numbers = new Map<string, number>()

  get values(): string[] {
    return [...this.#numbers.keys()]
  }

  numberOf(value: string): number {
    const number = this.#numbers.get(value) ?? this.#numbers.size + 1
    this.#numbers.set(value, number)
    return number
  }
}
