import { format } from 'node:util'

// Replaces '@jest/globals' in the mutation test, which imports the specs once and runs them many times. It collects the tests of a spec
// instead of running them.

type Body = (...args: readonly unknown[]) => unknown
/** Defines a suite or a test. */
type Define = (title: string, body: Body) => void

/** A test of a spec, with its full title. `ms` is the duration of its last success; 0 if it has not succeeded yet. */
export type CollectedTest = { readonly id: string; readonly file: string; readonly run: () => unknown; ms: number }

/** The tests of all specs imported so far. */
export const collected = new Map<string, CollectedTest>()

const titles: string[] = []
let file = ''

/** Imports a spec, and so collects its tests. */
export async function collect(path: string, url: string): Promise<void> {
  file = path
  await import(url)
}

function each(define: Define): (rows: readonly unknown[]) => Define {
  return (rows) => (title, body) => {
    const table = rows.every((row) => Array.isArray(row)) ? rows : rows.map((row) => [row])
    for (const args of table) {
      const named = args.slice(0, title.match(/%[a-z]/g)?.length ?? 0)
      define(format(title.replaceAll('%p', '%o'), ...named), () => body(...args))
    }
  }
}

const defineSuite: Define = (title, body) => {
  titles.push(title)
  body()
  titles.pop()
}

const defineTest: Define = (title, run) => {
  const name = [...titles, title].join(' ')
  const id = collected.has(name) ? `${name} (${collected.size})` : name
  collected.set(id, { id, file, run, ms: 0 })
}

/** The `describe` of jest. */
export const describe = Object.assign(defineSuite, { each: each(defineSuite) })
/** The `it` of jest. */
export const it = Object.assign(defineTest, { each: each(defineTest) })
export { expect } from 'expect'
