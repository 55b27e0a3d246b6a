import { isJsonObject, type JsonObject } from '../rows/source-row.ts'

/** The keys of a path in its two forms. */
export function stepsOf(path: string): readonly string[] {
  if (!path.startsWith('/')) return path.split('.')
  return path
    .slice(1)
    .split('/')
    .map((text) => text.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A copy of the object in which the field has the value; objects on the way are made. A list is replaced, since no path into it can be made safely. */
export function withField(object: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = Object.hasOwn(object, key) ? object[key] : undefined
  // A computed key is always an own property, also __proto__.
  return { ...object, [key]: rest.length === 0 ? value : withField(isJsonObject(inner) ? inner : {}, rest, value) }
}

/** A copy of the object without the field. */
export function withoutField(object: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject {
  if (!Object.hasOwn(object, key)) return object
  if (rest.length === 0) return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))
  const inner = object[key]
  return isJsonObject(inner) ? { ...object, [key]: withoutField(inner, rest) } : object
}
