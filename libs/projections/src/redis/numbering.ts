/** Numbers different values from 1 in the order in which they come. */
export class Numbering {
  readonly #numbers = new Map<string, number>()

  get values(): string[] {
    return [...this.#numbers.keys()]
  }

  of(value: string): number {
    const number = this.#numbers.get(value) ?? this.#numbers.size + 1
    this.#numbers.set(value, number)
    return number
  }
}
