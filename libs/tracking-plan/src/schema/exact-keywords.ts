import type { Ajv } from 'ajv'
import { canonicalText } from './canonical-text.ts'

/**
 * Replaces the keywords that compare values, `const`, `enum` and `uniqueItems`. The checker's own comparison takes time that grows with the
 * square of a list, and calls a method of an event that has a key such as `valueOf`.
 */
export function replaceExactKeywords(checker: Ajv): void {
  for (const keyword of ['const', 'enum', 'uniqueItems']) checker.removeKeyword(keyword)
  checker.addKeyword({ keyword: 'const', compile: (expected: unknown) => oneOf([expected]) })
  checker.addKeyword({ keyword: 'enum', schemaType: 'array', compile: (expected: readonly unknown[]) => oneOf(expected) })
  checker.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isOn: boolean, items: readonly unknown[]) => !isOn || areUnique(items),
  })
}

function oneOf(values: readonly unknown[]): (value: unknown) => boolean {
  const texts = new Set(values.map(canonicalText))
  return (value) => texts.has(canonicalText(value))
}

function areUnique(items: readonly unknown[]): boolean {
  return new Set(items.map(canonicalText)).size === items.length
}
