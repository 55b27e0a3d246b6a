import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { type MeasureKindName, measureKindNames, measureKinds, measurePathKeys, measureSignalKeys } from '#contracts'
import { type Defect, formatPath, type Path } from './defect.ts'
import { readDefinition } from './read-definition.ts'

/** A map or list of the definition. */
type Tree = Record<string | number, unknown>

const shop = parse(readFileSync(new URL('../../../../test/fixtures/cycles/shop-customer.yaml', import.meta.url), 'utf8')) as Tree

/** The definition of the shop with a scenario and a measure of each kind. Each measure has every key of its kind and lists of names. */
function completeDefinition(): Tree {
  const measures = measureKindNames.map((kind) => [`every-${kind}`, Object.fromEntries(keysOf(kind).map(keyWithValue))] as const)
  const scenario = {
    title: 'a visit',
    given: [
      { at: '2026-01-01T00:00:00Z', event: 'Product Viewed', arrives: '2026-01-01T00:00:01Z', id: 'e1', properties: { total: 1 } },
      { at: '2026-01-02T00:00:00Z', tick: true },
    ],
    // biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
    then: [{ at: '2026-01-01T00:00:00Z', from: 'start', to: 'connection', rule: 'first-seen', cause: 'personal', notice: true }],
  }
  return structuredClone({ ...shop, measures: { ...(shop['measures'] as Tree), ...Object.fromEntries(measures) }, scenarios: [scenario] })
}

/** A measure has `within` or `since`, not both. */
function keysOf(kind: MeasureKindName): readonly string[] {
  const keys = Object.keys(measureKinds[kind].schema.shape)
  return keys.includes('within') ? keys.filter((key) => key !== 'since') : keys
}

function keyWithValue(key: string): readonly [string, unknown] {
  if (measureSignalKeys.some((signals) => signals === key)) return [key, ['browse', 'purchase']]
  if (measurePathKeys.some((path) => path === key)) return [key, 'properties.total']
  return [key, { within: '2d', buckets: '1h', cap: 3, since: 'stage' }[key] ?? 'a text']
}

/** The places of all values, from the root downwards. */
function placesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...entries.flatMap(([key, inner]) => placesOf(inner, [...path, key]))]
}

function parentOf(root: Tree, path: Path): Tree {
  return path.slice(0, -1).reduce<Tree>((value, step) => value[step] as Tree, root)
}

function nulledAt(path: Path): Tree {
  const root = completeDefinition()
  parentOf(root, path)[path.at(-1) as string | number] = null
  return root
}

/** Changes after which the schema refuses a measure or a signal without checking its fields. */
const invalidating: Readonly<Record<string, (part: Tree, name: string, parent: Tree) => void>> = {
  'is of two kinds': (part) => Object.assign(part, { count: part['count'] ?? null, last: part['last'] ?? null }),
  'is of no kind': (part) => {
    for (const kind of measureKindNames) delete part[kind]
  },
  'has an invalid name': (part, name, parent) => {
    delete parent[name]
    parent['no name'] = part
  },
}

const places = placesOf(completeDefinition()).filter((path) => path.length > 0)
/** Properties of events may be null. */
const isProperty = (path: Path): boolean => path.at(-2) === 'properties'

function readTree(root: Tree): readonly Defect[] {
  const { definition, defects } = readDefinition(JSON.stringify(root, undefined, 1), 'a.json')
  expect(definition === undefined).toBe(defects.some(({ severity }) => severity === 'error'))
  expect(defects.map(({ message }) => message).join('\n')).not.toMatch(/undefined|\[object|Invalid input/)
  return defects
}

it('null instead of any value of a definition is a defect at the place of this value', () => {
  expect(readTree(completeDefinition()).filter(({ severity }) => severity === 'error')).toEqual([])
  const unreported = places.filter((path) => !readTree(nulledAt(path)).some((defect) => defect.path === formatPath(path)))
  expect(unreported.filter((path) => !isProperty(path))).toEqual([])
})

it.each(Object.entries(invalidating))('null inside a measure or signal that %s gives defects and no exception', (_change, invalidate) => {
  for (const path of places.filter(([sort, , key]) => (sort === 'measures' || sort === 'signals') && key !== undefined)) {
    const root = nulledAt(path)
    const [parent, name] = [root[path[0] as string] as Tree, path[1] as string]
    invalidate(parent[name] as Tree, name, parent)
    expect(readTree(root)).not.toEqual([])
  }
})
