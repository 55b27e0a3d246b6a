import type { Condition, Operators, Scalar } from '#contracts'
import { type Comparison, comparisonsOf } from './conditions.ts'

/** Whether two conditions certainly never hold together: they compare one subject with values that exclude each other. */
export function excludeEachOther(a: Condition | undefined, b: Condition | undefined): boolean {
  if (a === undefined || b === undefined) return false
  const others = conjuncts(b)
  return conjuncts(a).some((one) => others.some((other) => one.subject === other.subject && disjoint(one.operators, other.operators)))
}

/** The comparisons that must all hold; those under any or not are left out. */
function conjuncts(condition: Condition): readonly Comparison[] {
  const { all = [], any: _any, not: _not, ...comparisons } = condition
  return [...comparisonsOf(comparisons as Condition, []), ...all.flatMap(conjuncts)]
}

/** Whether no value passes both comparisons. */
function disjoint(a: Operators, b: Operators): boolean {
  const [some, others] = [valuesOf(a), valuesOf(b)]
  if (some !== undefined) return !some.some((value) => allows(b, value))
  if (others !== undefined) return !others.some((value) => allows(a, value))
  return below(a, b) || below(b, a)
}

function valuesOf({ eq, in: list }: Operators): readonly Scalar[] | undefined {
  return eq === undefined ? list : [eq]
}

function allows(operators: Operators, value: Scalar): boolean {
  const values = valuesOf(operators)
  if (values !== undefined && !values.includes(value)) return false
  return value !== operators.ne && !below({ lte: value as number }, operators) && !below(operators, { gte: value as number })
}

/** Whether all numbers that `a` allows are below all numbers that `b` allows. */
function below(a: Operators, b: Operators): boolean {
  const [top, bottom] = [a.lt ?? a.lte, b.gt ?? b.gte]
  if (typeof top !== 'number' || typeof bottom !== 'number') return false
  return top < bottom || (top === bottom && (a.lt !== undefined || b.gt !== undefined))
}
