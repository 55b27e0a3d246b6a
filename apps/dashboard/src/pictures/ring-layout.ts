import type { StageKind } from '#contracts'

/** A stage as the ring needs it. */
export interface RingStage {
  readonly id: string
  readonly kind: StageKind
  readonly actors: number
}

/** How many transitions of one kind led from one stage to another. */
export interface RingFlow {
  readonly kind: string
  readonly from: string
  readonly to: string
  readonly transitions: number
}

/** A place in the picture, in pixels. */
interface Point {
  readonly x: number
  readonly y: number
}

/** A stage in the picture. */
interface RingNode extends Point {
  readonly id: string
  readonly radius: number
  readonly label: Point & { readonly anchor: 'start' | 'middle' | 'end' }
}

/** What a line in the picture means: a move inside the cycle, leaving it, coming back, or coming for the first time. */
type RingLineKind = 'move' | 'leave' | 'return' | 'begin'

/** A line in the picture, from one stage to another, or across the outer line. */
export interface RingLine {
  readonly key: string
  readonly kind: RingLineKind
  readonly from: string
  readonly to: string
  readonly transitions: number
  readonly path: string
  /** The outline of the arrow's head. */
  readonly head: string
  readonly width: number
  readonly label: Point
}

/** The picture of a cycle: present stages on a ring, those who left outside of it, on the outer line. */
export interface Ring {
  readonly width: number
  readonly height: number
  readonly centre: Point
  readonly radius: number
  /** The radius of the outer line, on which those are who have left. */
  readonly outside: number
  readonly nodes: readonly RingNode[]
  readonly lines: readonly RingLine[]
  /** Whether the picture is for a phone, with less text. */
  readonly isNarrow: boolean
}

const NARROW = 560
/** Angles are of a clock, in degrees: 0 is at the top, 90 at the right. Present stages stand between these. */
const [FIRST, LAST] = [-104, 104]
const RETURNED = 212
const LAPSED = 148
/** How far lines across the outer line are beside the middle of their stage. */
const BESIDE = 17

const at = (centre: Point, radius: number, angle: number): Point => {
  const turn = ((angle - 90) * Math.PI) / 180
  return { x: centre.x + radius * Math.cos(turn), y: centre.y + radius * Math.sin(turn) }
}

const spread = (from: number, to: number, total: number): number[] =>
  total === 1 ? [(from + to) / 2] : Array.from({ length: total }, (_, index) => from + ((to - from) * index) / (total - 1))

/** The angle of each stage. */
export function ringAngles(stages: readonly Pick<RingStage, 'id' | 'kind'>[]): ReadonlyMap<string, number> {
  const of = (kind: StageKind): string[] => stages.filter((stage) => stage.kind === kind).map(({ id }) => id)
  const [active, lapsed, returned] = [of('active'), of('lapsed'), of('returned')]
  const angles = new Map<string, number>()
  const place = (ids: readonly string[], among: readonly number[]): void => {
    for (const [index, id] of ids.entries()) angles.set(id, among[index] ?? 0)
  }
  place(active, active.length === 1 ? [0] : spread(FIRST, LAST, active.length))
  place(lapsed, spread(LAPSED - 10 * (lapsed.length - 1), LAPSED + 10 * (lapsed.length - 1), lapsed.length))
  place(returned, spread(RETURNED + 10 * (returned.length - 1), RETURNED - 10 * (returned.length - 1), returned.length))
  return angles
}

/** The radius of a disc whose area shows a number. */
export function discRadius(value: number, largest: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return value <= 0 || largest <= 0 ? least : Math.max(least, most * Math.sqrt(value / largest))
}

/** Lays the picture out for a width. */
export function ringLayout(stages: readonly RingStage[], flows: readonly RingFlow[], width: number): Ring {
  const isNarrow = width < NARROW
  const outside = isNarrow ? Math.max(60, Math.min(width / 2 - 34, 152)) : Math.min(width / 2 - 90, 244)
  const radius = outside * (isNarrow ? 0.66 : 0.68)
  const most = isNarrow ? 26 : 40
  const below = most * 0.6 + (isNarrow ? 34 : 22)
  const centre = { x: width / 2, y: outside + 30 }
  const largest = Math.max(0, ...stages.map(({ actors }) => actors))
  const angles = ringAngles(stages)
  const frame = { centre, radius, outside, isNarrow, angles }
  const nodes = stages.map((stage) => nodeOf(stage, frame, discRadius(stage.actors, largest, { least: isNarrow ? 5 : 6, most })))
  const lines = linesOf(flows, stages, { ...frame, nodes: new Map(nodes.map((node) => [node.id, node])) })
  return { width, height: centre.y + outside + below, centre, radius, outside, nodes, lines, isNarrow }
}

/** What places in the picture follow from. */
interface Frame {
  readonly centre: Point
  readonly radius: number
  readonly outside: number
  readonly isNarrow: boolean
  readonly angles: ReadonlyMap<string, number>
}

function nodeOf({ id, kind }: RingStage, { centre, radius, outside, angles, isNarrow }: Frame, disc: number): RingNode {
  const angle = angles.get(id) ?? 0
  const place = at(centre, kind === 'lapsed' ? outside : radius, angle)
  if (kind === 'lapsed') return { id, ...place, radius: disc, label: { x: place.x + disc + 10, y: place.y + 10, anchor: 'start' } }
  if (isNarrow) return { id, ...place, radius: disc, label: narrowLabel(kind, place, disc) }
  return { id, ...place, radius: disc, label: wideLabel(at(centre, radius + disc + 12, angle), angle) }
}

/** Names stand outside of the ring. The arrow of those who leave goes out clockwise of the stage: on the upper right the name is above it, on the lower left below. */
function wideLabel({ x, y }: Point, angle: number): RingNode['label'] {
  const sideways = Math.sin((angle * Math.PI) / 180)
  const anchor = sideways > 0.3 ? 'start' : sideways < -0.3 ? 'end' : 'middle'
  const beside = angle > 180 ? 14 : angle < 80 && anchor !== 'end' ? -16 : 0
  return { x, y: y + beside, anchor }
}

/** On a phone names stand below their stages, where there is place. */
function narrowLabel(kind: StageKind, { x, y }: Point, disc: number): RingNode['label'] {
  return kind === 'returned' ? { x: x + disc + 6, y: y + 2, anchor: 'start' } : { x, y: y + disc + 16, anchor: 'middle' }
}

/** The stages of a picture with their places. */
interface Placed extends Frame {
  readonly nodes: ReadonlyMap<string, RingNode>
}

function linesOf(flows: readonly RingFlow[], stages: readonly RingStage[], placed: Placed): RingLine[] {
  const kinds = new Map(stages.map(({ id, kind }) => [id, kind]))
  const sums = new Map<string, { kind: RingLineKind; from: string; to: string; transitions: number }>()
  for (const { from, to, transitions } of flows) {
    const kind = lineKind(from, kinds.get(from), kinds.get(to))
    if (!kinds.has(to) || from === to) continue
    const before = sums.get(`${from}>${to}`)?.transitions ?? 0
    sums.set(`${from}>${to}`, { kind, from, to, transitions: before + transitions })
  }
  const largest = Math.max(1, ...[...sums.values()].map(({ transitions }) => transitions))
  return [...sums.values()].flatMap((sum) => {
    const width = 1.5 + (placed.isNarrow ? 6 : 9) * Math.sqrt(sum.transitions / largest)
    const drawn = sum.kind === 'move' ? inside(sum, placed, width) : across(sum, placed, width)
    return drawn === undefined ? [] : [{ key: `${sum.from}>${sum.to}`, ...sum, width, ...drawn }]
  })
}

function lineKind(from: string, left: StageKind | undefined, entered: StageKind | undefined): RingLineKind {
  if (from === 'start' || left === undefined) return 'begin'
  if (entered === 'lapsed') return 'leave'
  return left === 'lapsed' ? 'return' : 'move'
}

/** A way that a line takes, and the place of its number. */
type Way = Pick<RingLine, 'path' | 'head' | 'label'>
/** The ends of a line. */
type Ends = Pick<RingLine, 'from' | 'to' | 'kind'>

const text = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`

/** A line between two stages of the ring: clockwise along it, back inside of it, over several stages straight through. */
function inside({ from, to }: Ends, { centre, radius, angles, nodes }: Placed, width: number): Way | undefined {
  const [a, b] = [nodes.get(from), nodes.get(to)]
  if (a === undefined || b === undefined) return undefined
  const [start, end] = [angles.get(from) ?? 0, angles.get(to) ?? 0]
  const turn = ((((end - start) % 360) + 540) % 360) - 180
  const middle = start + turn / 2
  const isNear = Math.abs(turn) <= 360 / Math.max(3, nodes.size - 1)
  const half = (Math.abs(turn) * Math.PI) / 360
  // The control point through which the curve follows the circle, or stays inside of it.
  const reach = turn > 0 && isNear ? radius * (2 - Math.cos(half)) : Math.max(radius * 0.5, radius * Math.cos(half) * 0.72)
  const control = at(centre, reach, middle)
  const first = towards(a, control, a.radius + 3)
  const last = towards(b, control, b.radius + 6 + width)
  const label = isNear ? onCurve([first, control, last], 0.5) : onCurve([first, control, last], 0.3)
  return { path: `M${text(first)}Q${text(control)} ${text(last)}`, head: headOf(control, last, width), label }
}

const angleBeside = (angle = 0, isLeft = false): number => angle + (isLeft ? BESIDE : -BESIDE)

/** A line across the outer line: outwards from the stage that is left, inwards to the stage that is entered. */
function across({ from, to, kind }: Ends, { centre, radius, outside, angles, nodes, isNarrow }: Placed, width: number): Way | undefined {
  const isLeft = kind === 'leave'
  const node = nodes.get(isLeft ? from : to)
  if (node === undefined) return undefined
  const edge = outside + (kind === 'begin' ? (isNarrow ? 14 : 22) : 0)
  const turned = angleBeside(angles.get(node.id), isLeft)
  const [outer, bend] = [at(centre, isLeft ? edge - width - 5 : edge, turned), at(centre, (outside + radius) / 2, turned)]
  const near = towards(node, outer, node.radius + (isLeft ? 3 : width + 6))
  const [first, last] = isLeft ? [near, outer] : [outer, near]
  const label = at(centre, edge + (isNarrow ? 13 : 18), turned)
  return { path: `M${text(first)}Q${text(bend)} ${text(last)}`, head: headOf(bend, last, width), label }
}

/** The point of a curve with one control point, after a share of it. */
function onCurve([first, control, last]: readonly [Point, Point, Point], part: number): Point {
  const mix = (a: number, b: number, c: number): number => (1 - part) ** 2 * a + 2 * part * (1 - part) * b + part ** 2 * c
  return { x: mix(first.x, control.x, last.x), y: mix(first.y, control.y, last.y) }
}

/** An arrow's head at the end of a line, as wide as the line needs. */
function headOf(before: Point, end: Point, width: number): string {
  const [half, long] = [2.5 + width * 0.75, 3.5 + width * 0.8]
  const tip = towards(end, before, -long)
  const side = { x: ((end.y - before.y) / (Math.hypot(end.x - before.x, end.y - before.y) || 1)) * half, y: 0 }
  side.y = ((before.x - end.x) / (Math.hypot(end.x - before.x, end.y - before.y) || 1)) * half
  const [left, right] = [
    { x: end.x + side.x, y: end.y + side.y },
    { x: end.x - side.x, y: end.y - side.y },
  ]
  return `M${text(tip)}L${text(left)} ${text(right)}Z`
}

/** The point at a distance from one point in the direction of another. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return { x: from.x + ((to.x - from.x) * distance) / length, y: from.y + ((to.y - from.y) * distance) / length }
}
