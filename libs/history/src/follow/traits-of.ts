/** A longer text is no value that people group by. */
const VALUE_LENGTH_MAX = 200

/** The traits that can be grouped by: texts as they are, numbers and booleans as JSON; null for a trait that was removed. Lists and objects are left out. */
export function* traitsOf(traits: Readonly<Record<string, unknown>>): Generator<[name: string, value: string | null]> {
  for (const [name, value] of Object.entries(traits)) {
    if (value === null) yield [name, null]
    else if (typeof value === 'string' ? value.length <= VALUE_LENGTH_MAX && value.isWellFormed() : typeof value === 'number' || typeof value === 'boolean') {
      if (name.isWellFormed()) yield [name, String(value)]
    }
  }
}
