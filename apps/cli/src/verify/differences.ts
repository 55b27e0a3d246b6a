import { isDeepStrictEqual } from 'node:util'

/** Where a difference was found. */
export type ComparedPart = 'position' | 'outputs' | 'late events' | 'quarantine' | 'read models' | 'history'

/** How many differences of one part are printed; the others are counted. */
const SHOWN = 5
const TEXT_MAX = 300

/** What is stored and does not follow from the log. */
export class Differences {
  readonly #counts = new Map<ComparedPart, number>()
  readonly #print: (text: string) => void

  /** @param print called with a line for each of the first differences of a part */
  constructor(print: (text: string) => void) {
    this.#print = print
  }

  add(part: ComparedPart, text: string): void {
    const count = (this.#counts.get(part) ?? 0) + 1
    this.#counts.set(part, count)
    if (count <= SHOWN) this.#print(`${part}: ${text}`)
    if (count === SHOWN + 1) this.#print(`${part}: there are more differences, which are only counted.`)
  }

  /** Adds a difference unless both are equal. `undefined` is what is missing on one side. */
  compare(part: ComparedPart, what: string, { stored, expected }: { readonly stored: unknown; readonly expected: unknown }): void {
    const [found, due] = [JSON.stringify(stored), JSON.stringify(expected)]
    // Two stores may give the fields of one answer in different orders.
    if (found !== due && !isDeepStrictEqual(stored, expected)) this.add(part, `${what}: stored is ${shown(found)}, and from the log follows ${shown(due)}`)
  }

  /** The number of each part that has any. */
  get counts(): ReadonlyMap<ComparedPart, number> {
    return this.#counts
  }
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}
