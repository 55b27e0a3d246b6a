import { type MeasureFields, measureSignalKeys, type Scenario, type SignalDefinition, type StageDefinition, type TransitionDefinition } from '#contracts'
import type { Path } from './defect.ts'
import { isMap, type SchemaIssue, valueAt } from './schema-issues.ts'

/** One stage, signal, measure, rule or scenario, with the fields that passed the schema. */
export interface Part<T> {
  /** Its id, key or title; undefined if that is missing or unreadable. */
  readonly name: string | undefined
  readonly path: Path
  /** The place of its name. */
  readonly namePath: Path
  /** The fields that passed the schema. Of conditions and scenarios also the valid part of a field that did not pass as a whole. */
  readonly fields: Partial<T>
  /** Whether all of its fields passed, so that a field that is missing here is missing in the file. */
  readonly complete: boolean
}

/**
 * A definition in parts, each with its valid fields, so that a defect of one part does not hide a defect of another one.
 * A check that reports something missing ("no rule leads here") asks first whether everything is readable.
 */
export interface DefinitionParts {
  readonly timezone: string | undefined
  /** The paths at which events name their actors, with their places. */
  readonly addressPaths: readonly { readonly name: string; readonly path: Path }[]
  readonly stages: readonly Part<StageDefinition>[]
  readonly signals: readonly Part<SignalDefinition>[]
  readonly measures: readonly Part<MeasureFields>[]
  readonly rules: readonly Part<TransitionDefinition>[]
  readonly scenarios: readonly Part<Scenario>[]
  /** Whether the list of a sort is readable and each part has a name. Only then is a name that is not among them unknown. */
  readonly namesKnown: Readonly<Record<Section, boolean>>
  /** Whether all parts of a sort are complete. */
  readonly complete: Readonly<Record<Section, boolean>>
}

/** A part of the file that lists stages, signals, measures, rules or scenarios. */
type Section = 'stages' | 'signals' | 'measures' | 'transitions' | 'scenarios'

/** Fields whose entries are checked one by one: the valid entries are kept if another one is refused. */
const CHECKED_BY_ENTRY: ReadonlySet<string> = new Set(['where', 'when', 'given', 'then'])

const ADDRESS_PATH: Path = ['actor', 'id']

/** Divides a definition into its parts, without the fields that the schema refused. */
export function definitionParts(root: unknown, issues: readonly SchemaIssue[]): DefinitionParts {
  const broken = (path: Path): boolean => issues.some((issue) => startsWith(issue.path, path))
  const places = new Set(issues.map((issue) => JSON.stringify(issue.path)))
  const readable = (sort: Section): boolean => !issues.some((issue) => issue.path.length <= 1 && (issue.path[0] ?? sort) === sort)
  const partOf = <T>(path: Path, name: unknown, namePath: Path): Part<T> => {
    // If the part itself is refused (a measure of two kinds, an invalid name), the schema has not checked its fields.
    const value = places.has(JSON.stringify(path)) ? undefined : valueAt(root, path)
    const fields = (isMap(value) ? Object.entries(value) : []).flatMap(([key, field]) => {
      const at = [...path, key]
      if (!broken(at)) return [[key, field] as const]
      const valid = CHECKED_BY_ENTRY.has(key) ? withoutRefused(field, at, places) : undefined
      return valid === undefined ? [] : [[key, valid] as const]
    })
    return { name: typeof name === 'string' ? name : undefined, path, namePath, fields: Object.fromEntries(fields) as Partial<T>, complete: !broken(path) }
  }
  const listed = <T>(sort: Section, key: string): readonly Part<T>[] => {
    const list = valueAt(root, [sort])
    return Array.isArray(list) ? list.map((item, index) => partOf<T>([sort, index], isMap(item) ? item[key] : undefined, [sort, index, key])) : []
  }
  const keyed = <T>(sort: Section): readonly Part<T>[] => {
    const map = valueAt(root, [sort])
    return isMap(map) ? Object.keys(map).map((name) => partOf<T>([sort, name], name, [sort, name])) : []
  }
  const sections = {
    stages: listed<StageDefinition>('stages', 'id'),
    signals: keyed<SignalDefinition>('signals'),
    measures: keyed<MeasureFields>('measures'),
    transitions: listed<TransitionDefinition>('transitions', 'id'),
    scenarios: listed<Scenario>('scenarios', 'title'),
  }
  const timezone = valueAt(root, ['timezone'])
  const every = (test: (part: Part<unknown>) => boolean): Record<Section, boolean> =>
    Object.fromEntries(
      (Object.keys(sections) as Section[]).map((sort) => [sort, readable(sort) && (sections[sort] as readonly Part<unknown>[]).every(test)]),
    ) as Record<Section, boolean>
  return {
    ...sections,
    rules: sections.transitions,
    timezone: typeof timezone === 'string' ? timezone : undefined,
    addressPaths: broken(ADDRESS_PATH) ? [] : located(valueAt(root, ADDRESS_PATH) as string | readonly string[] | undefined, ADDRESS_PATH),
    namesKnown: every((part) => part.name !== undefined),
    complete: every((part) => part.complete),
  }
}

/**
 * A value without its refused entries; undefined if nothing is left. A refused entry of a list leaves a hole, so that the entries after
 * it keep their indexes.
 */
function withoutRefused(value: unknown, path: Path, places: ReadonlySet<string>): unknown {
  if (places.has(JSON.stringify(path))) return undefined
  const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : []
  if (entries.length === 0) return value
  const kept = entries.map(([key, inner]) => [key, withoutRefused(inner, [...path, key], places)] as const).filter(([, inner]) => inner !== undefined)
  if (kept.length === 0) return undefined
  return Object.assign(Array.isArray(value) ? [] : {}, Object.fromEntries(kept))
}

/** The names of a sort's parts, in file order, each once. */
export function namesOf(parts: readonly Part<unknown>[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => part.name ?? []))]
}

/** A name or a list of names, each with its place. */
export function located(value: string | readonly string[] | undefined, path: Path): readonly { readonly name: string; readonly path: Path }[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [{ name: value, path }] : value.map((name, index) => ({ name, path: [...path, index] }))
}

/** Every signal that a measure names, with its key and its place. */
export function signalsOf({ fields, path }: Part<MeasureFields>): readonly { readonly name: string; readonly path: Path; readonly key: string }[] {
  return measureSignalKeys.flatMap((key) =>
    located(fields[key] as string | readonly string[] | undefined, [...path, key]).map((signal) => ({ ...signal, key })),
  )
}

function startsWith(path: Path, prefix: Path): boolean {
  return prefix.every((step, index) => path[index] === step)
}
