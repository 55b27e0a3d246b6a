import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { exactNumber, isHeldExactly } from '#contracts'
import type { Report } from './report.ts'

/** Deeper than any condition that people write, and far below the depth that exhausts the stack. */
const DEPTH_MAX = 64
/** The most values that aliases may copy: more than any real definition, and a limit for the "billion laughs" attack. */
const ALIASED_VALUES_MAX = 10_000

/** What is collected while one file is read. */
interface Reading {
  readonly report: Report
  /** The node that each alias refers to; the places of its values are found there. */
  readonly targets: Map<Node, Node>
  readonly anchors: Map<string, Node>
  aliased: number
  readable: boolean
}

/**
 * Plain data of a YAML tree. The conversion of the library is not used because it has no such limits: here the depth and the copies
 * by alias are bounded, duplicate keys are reported, and values that JSON does not have are refused.
 */
export function plainValue(root: Node, targets: Map<Node, Node>, report: Report): { readonly value: unknown; readonly readable: boolean } {
  const reading: Reading = { report, targets, anchors: new Map(), aliased: 0, readable: true }
  const value = plain(root, reading, { depth: 0, copied: false })
  return { value, readable: reading.readable }
}

/** Where a node of the tree is. */
interface NodePlace {
  readonly depth: number
  /** Whether the value was reached through an alias. */
  readonly copied: boolean
}

function plain(node: Node | null, reading: Reading, place: NodePlace): unknown {
  if (node === null || !reading.readable || exceeds(node, reading, place)) return null
  const inner = { depth: place.depth + 1, copied: place.copied }
  if (isAlias(node)) return plainAlias(node, reading, { ...inner, copied: true })
  if (!place.copied && 'anchor' in node && typeof node.anchor === 'string') reading.anchors.set(node.anchor, node)
  if (isSeq(node)) return node.items.map((item) => plain(item as Node, reading, inner))
  return isMap(node) ? plainMap(node as YAMLMap<Node, Node | null>, reading, inner) : plainScalar(node as Scalar, reading)
}

/** Whether a limit stops the reading at this node. */
function exceeds(node: Node, reading: Reading, place: NodePlace): boolean {
  if (place.copied) reading.aliased++
  if (place.depth > DEPTH_MAX) stop(node, reading, `nested too deeply: at most ${DEPTH_MAX} levels are read`)
  else if (reading.aliased > ALIASED_VALUES_MAX) stop(node, reading, `aliases copy too much: at most ${ALIASED_VALUES_MAX} values; write them out`)
  return !reading.readable
}

function plainAlias(alias: Alias, reading: Reading, inner: NodePlace): unknown {
  const target = reading.anchors.get(alias.source)
  if (target === undefined)
    return stop(alias, reading, `the alias *${alias.source} has no anchor &${alias.source} before it; for the text, write it in quotes: "*${alias.source}"`)
  reading.targets.set(alias, target)
  return plain(target, reading, inner)
}

function plainMap(map: YAMLMap<Node, Node | null>, reading: Reading, inner: NodePlace): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const seen = new Map<string, Node>()
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    // The parser has reported a key that is a list or a map.
    if (!isScalar(pair.key)) continue
    const key = String(pair.key.value)
    const first = seen.get(key)
    if (first !== undefined) reading.report.errorAt(start(pair.key), `the key "${key}" is here twice; keep one`)
    else if (key === '__proto__') reading.report.errorAt(start(pair.key), 'the key "__proto__" is not allowed')
    else result[key] = plain(pair.value, reading, inner)
    seen.set(key, first ?? pair.key)
  }
  return result
}

function plainScalar(scalar: Scalar, { report }: Reading): unknown {
  const { value } = scalar
  const defect = typeof value === 'number' ? numberDefect(value, scalar.source ?? String(value)) : undefined
  if (defect !== undefined) report.errorAt(start(scalar), defect)
  return value
}

/** A number that a double cannot represent is refused: a comparison would silently use another number. */
function numberDefect(value: number, literal: string): string | undefined {
  if (!Number.isFinite(value)) return `expected a number that JSON has; for the text, write it in quotes: "${literal}"`
  if (isHeldExactly(literal, value)) return undefined
  const exact = exactNumber(literal)
  if (exact === value) return `the number ${literal} has more digits than a number can have; write ${value}, as it is in events, or a text in quotes`
  const text = typeof exact === 'string' ? exact : /^[+-]?0[xo]/.test(literal) ? String(BigInt(literal)) : literal
  return `the number ${literal} is beyond ±2^53 and cannot be represented exactly; write it as text, as it is in events: "${text}"`
}

function stop(node: Node, reading: Reading, message: string): null {
  reading.report.errorAt(start(node), message)
  reading.readable = false
  return null
}

function start(node: Node): number {
  return node.range?.[0] ?? 0
}
