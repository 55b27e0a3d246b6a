import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { exactNumber, isHeldExactly } from '#contracts'
import type { Report } from './report.ts'

/** Deeper than any condition a person can follow, and far from what exhausts the stack. */
const DEPTH_MAX = 64
/** Values that aliases may copy: enough for every honest use, and the end of a "billion laughs". */
const ALIASED_MAX = 10_000

interface Reading {
  readonly report: Report
  /** The node that each alias stands for, for finding places behind it. */
  readonly targets: Map<Node, Node>
  readonly anchors: Map<string, Node>
  aliased: number
  sound: boolean
}

/**
 * Plain data of a YAML tree. Written out rather than taken from the library because of its limits: depth and copies by alias
 * are bounded, keys that stand twice are named with both lines, and nothing is let in that JSON could not hold.
 */
export function plainValue(root: Node, targets: Map<Node, Node>, report: Report): { readonly value: unknown; readonly sound: boolean } {
  const reading: Reading = { report, targets, anchors: new Map(), aliased: 0, sound: true }
  const value = plain(root, reading, { depth: 0, copied: false })
  return { value, sound: reading.sound }
}

interface Place {
  readonly depth: number
  /** Whether an alias led here. */
  readonly copied: boolean
}

function plain(node: Node | null, reading: Reading, place: Place): unknown {
  if (node === null || !reading.sound || exceeds(node, reading, place)) return null
  const inner = { depth: place.depth + 1, copied: place.copied }
  if (isAlias(node)) return plainAlias(node, reading, { ...inner, copied: true })
  if (!place.copied && 'anchor' in node && typeof node.anchor === 'string') reading.anchors.set(node.anchor, node)
  if (isSeq(node)) return node.items.map((item) => plain(item as Node, reading, inner))
  return isMap(node) ? plainMap(node as YAMLMap<Node, Node | null>, reading, inner) : plainScalar(node as Scalar, reading)
}

/** Whether a limit ends the reading here. */
function exceeds(node: Node, reading: Reading, place: Place): boolean {
  if (place.copied) reading.aliased++
  if (place.depth > DEPTH_MAX) stop(node, reading, `nested too deeply: at most ${DEPTH_MAX} levels are read`)
  else if (reading.aliased > ALIASED_MAX) stop(node, reading, `aliases copy too much: at most ${ALIASED_MAX} values; write them out`)
  return !reading.sound
}

function plainAlias(alias: Alias, reading: Reading, inner: Place): unknown {
  const target = reading.anchors.get(alias.source)
  if (target === undefined)
    return stop(
      alias,
      reading,
      `the alias *${alias.source} has no anchor &${alias.source} before it; if a text is meant, write it in quotes: "*${alias.source}"`,
    )
  reading.targets.set(alias, target)
  return plain(target, reading, inner)
}

function plainMap(map: YAMLMap<Node, Node | null>, reading: Reading, inner: Place): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const seen = new Map<string, Node>()
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    // The parser has reported a key that is a list or a map.
    if (!isScalar(pair.key)) continue
    const key = String(pair.key.value)
    const first = seen.get(key)
    if (first !== undefined) reading.report.errorAt(start(pair.key), `the key "${key}" stands here twice; keep one`)
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

/** A comparison with another number than the one that is written would hold, or not, without anybody knowing why. */
function numberDefect(value: number, literal: string): string | undefined {
  if (!Number.isFinite(value)) return `expected a number that JSON can hold; if a text is meant, write it in quotes: "${literal}"`
  if (isHeldExactly(literal, value)) return undefined
  const held = exactNumber(literal)
  if (held === value) return `the number ${literal} has more digits than a number can hold; write ${value}, as events hold it, or a text in quotes`
  const text = typeof held === 'string' ? held : /^[+-]?0[xo]/.test(literal) ? String(BigInt(literal)) : literal
  return `the number ${literal} lies beyond 2^53 and cannot be held exactly; write it as text, as events hold it: "${text}"`
}

function stop(node: Node, reading: Reading, message: string): null {
  reading.report.errorAt(start(node), message)
  reading.sound = false
  return null
}

function start(node: Node): number {
  return node.range?.[0] ?? 0
}
