import type { Comparison, Condition } from '#contracts'

/** Builds the test of one comparison. */
export type Leaf<Subject> = (subject: string, comparison: Comparison) => (at: Subject) => boolean

/** A condition (rule 15) as a closure. All of its keys must hold. */
export function compileCondition<Subject>(condition: Condition, leaf: Leaf<Subject>): (at: Subject) => boolean {
  const tests: ((at: Subject) => boolean)[] = []
  for (const [key, value] of Object.entries(condition)) {
    if (value === undefined) continue
    if (key === 'all') tests.push(every((value as Condition[]).map((part) => compileCondition(part, leaf))))
    else if (key === 'any') tests.push(some((value as Condition[]).map((part) => compileCondition(part, leaf))))
    else if (key === 'not') tests.push(negated(compileCondition(value as Condition, leaf)))
    else tests.push(leaf(key, value as Comparison))
  }
  return every(tests)
}

function every<Subject>(tests: readonly ((at: Subject) => boolean)[]): (at: Subject) => boolean {
  const [first, second] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (tests.length === 2) return (at) => first(at) && second(at)
  return (at) => tests.every((test) => test(at))
}

function some<Subject>(tests: readonly ((at: Subject) => boolean)[]): (at: Subject) => boolean {
  return (at) => tests.some((test) => test(at))
}

function negated<Subject>(test: (at: Subject) => boolean): (at: Subject) => boolean {
  return (at) => !test(at)
}

/** Every subject that a condition names. */
export function subjectsOf(condition: Condition): string[] {
  return Object.entries(condition).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (key === 'all' || key === 'any') return (value as Condition[]).flatMap(subjectsOf)
    return key === 'not' ? subjectsOf(value as Condition) : [key]
  })
}
