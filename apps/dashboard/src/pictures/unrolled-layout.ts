import { type SankeyLink, type SankeyNode, sankey } from 'd3-sankey'

/** How many actors got from one stage to another in a period; `null`: from no stage. */
export interface Movement {
  readonly from: number
  readonly until: number
  readonly source: string | null
  readonly target: string
  readonly actors: number
}

/** The actors of a stage at a moment: a bar of the picture. */
export interface UnrolledNode {
  readonly key: string
  readonly column: number
  /** Null: those who come for the first time in the period that begins here. */
  readonly stage: string | null
  readonly actors: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Those who got from one bar to another in a period: a band of the picture. */
export interface UnrolledBand {
  readonly key: string
  readonly movement: Movement
  /** Its outline. */
  readonly path: string
  readonly width: number
}

/** A cycle unrolled over time: a column for each moment, a bar for each stage, bands between. */
export interface Unrolled {
  readonly width: number
  readonly height: number
  readonly nodes: readonly UnrolledNode[]
  readonly bands: readonly UnrolledBand[]
  /** The moments of the columns, with their places. */
  readonly columns: readonly { readonly at: number; readonly x: number }[]
}

interface NodeData {
  readonly key: string
  readonly column: number
  readonly stage: string | null
  readonly rank: number
}
interface LinkData {
  readonly movement: Movement
}

const NODE_PX = 12
const [TOP, BOTTOM, SIDE] = [8, 30, 8]
const PADDING_PX = 16

/** Lays the picture out. A cycle that goes on in a circle becomes columns that go on to the right: no band leads back. */
export function unrolledLayout(
  movements: readonly Movement[],
  { stages, width, height }: { readonly stages: readonly string[]; readonly width: number; readonly height: number },
): Unrolled {
  const moments = [...new Set(movements.flatMap(({ from, until }) => [from, until]))].sort((a, b) => a - b)
  const columnOf = new Map(moments.map((at, index) => [at, index]))
  const nodes = new Map<string, NodeData>()
  const nodeAt = (at: number, stage: string | null): string => {
    const column = columnOf.get(at) ?? 0
    const key = `${column} ${stage ?? ''}`
    nodes.set(key, { key, column, stage, rank: stage === null ? -1 : stages.indexOf(stage) })
    return key
  }
  const links = movements
    .filter(({ actors }) => actors > 0)
    .map((movement) => ({ source: nodeAt(movement.from, movement.source), target: nodeAt(movement.until, movement.target), value: movement.actors, movement }))
  if (links.length === 0) return { width, height, nodes: [], bands: [], columns: [] }
  const rank = (node: unknown): number => (node as NodeData).rank
  const graph = sankey<NodeData, LinkData>()
    .nodeId(({ key }) => key)
    .nodeAlign((node) => node.column)
    .nodeSort((a, b) => rank(a) - rank(b))
    .linkSort((a, b) => rank(a.source) - rank(b.source) || rank(a.target) - rank(b.target))
    .nodeWidth(NODE_PX)
    .nodePadding(PADDING_PX)
    .iterations(0)
    .extent([
      [SIDE, TOP],
      [width - SIDE, height - BOTTOM],
    ])({ nodes: [...nodes.values()], links })
  const place = (column: number): number => SIDE + (moments.length < 2 ? 0 : (column * (width - 2 * SIDE - NODE_PX)) / (moments.length - 1)) + NODE_PX / 2
  return {
    width,
    height,
    nodes: graph.nodes.map(drawnNode),
    bands: graph.links.map(drawnBand),
    columns: moments.map((at, column) => ({ at, x: place(column) })),
  }
}

function drawnNode({ key, column, stage, value = 0, x0 = 0, x1 = 0, y0 = 0, y1 = 0 }: SankeyNode<NodeData, LinkData>): UnrolledNode {
  return { key, column, stage, actors: value, x: x0, y: y0, width: x1 - x0, height: Math.max(1, y1 - y0) }
}

/** A band has the same height everywhere. A line of its width would not: where it is wide and steep it would fold over itself. */
function drawnBand({ movement, source, target, y0 = 0, y1 = 0, width: height = 0 }: SankeyLink<NodeData, LinkData>): UnrolledBand {
  const { from } = movement
  const width = Math.max(0.75, height)
  const [{ x1: begin = 0 }, { x0: end = 0 }] = [source as SankeyNode<NodeData, LinkData>, target as SankeyNode<NodeData, LinkData>]
  const middle = (begin + end) / 2
  const edge = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(2)}`
  const curve = (a: string, b: string, c: string): string => `C${a} ${b} ${c}`
  const [above, below] = [(y: number) => y - width / 2, (y: number) => y + width / 2]
  const there = curve(edge(middle, above(y0)), edge(middle, above(y1)), edge(end, above(y1)))
  const back = curve(edge(middle, below(y1)), edge(middle, below(y0)), edge(begin, below(y0)))
  return { key: `${from} ${movement.source} ${movement.target}`, movement, path: `M${edge(begin, above(y0))}${there}L${edge(end, below(y1))}${back}Z`, width }
}
