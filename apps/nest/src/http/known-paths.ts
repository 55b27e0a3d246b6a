/** The part of Fastify's options of a route that is used here. */
interface Route {
  readonly method: string | readonly string[]
  readonly url: string
}

/** The paths of an app with the methods that each accepts, so that a wrong method is not answered as a wrong path. */
export class KnownPaths {
  readonly #methods = new Map<string, Set<string>>()

  add({ method, url }: Route): void {
    const known = this.#methods.get(url) ?? new Set()
    for (const one of [method].flat()) known.add(one)
    this.#methods.set(url, known)
  }

  /** The methods of a path, by name; none if no route has the path. A path without variable parts has priority, as in the OpenAPI document. */
  methodsOf(url: string): readonly string[] {
    const parts = partsOf(url.split(/[?#]/)[0] ?? '')
    const fixed = [...this.#methods].filter(([pattern]) => partsOf(pattern).join('/') === parts.join('/'))
    const matching = fixed.length > 0 ? fixed : [...this.#methods].filter(([pattern]) => isMatch(partsOf(pattern), parts))
    return [...new Set(matching.flatMap(([, methods]) => [...methods]))].sort()
  }
}

/** Paths are the same with and without a slash at the end. */
const partsOf = (path: string): string[] => path.replace(/\/$/, '').split('/')

const isMatch = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length && pattern.every((part, at) => part === parts[at] || (part.startsWith(':') && parts[at] !== ''))
