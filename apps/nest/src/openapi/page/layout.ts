/** A text that stands on one line if it fits, and otherwise has a line for each of its parts. */
export type Layout = string | Group

/** Parts between brackets. */
export interface Group {
  readonly open: string
  readonly close: string
  /** Between two parts on one line. */
  readonly separator: string
  /** Behind a part that has a line of its own, unless it is the last one. */
  readonly end: string
  readonly parts: readonly Part[]
}

/** A part of a {@link Group}. */
export interface Part {
  readonly label: string
  readonly value: Layout
  /** What a reader should know beside it. A group in which a part has one is never on one line. */
  readonly note?: string | undefined
}

const WIDTH = 110
const INDENT = 2

const hasNotes = (layout: Layout): boolean => typeof layout !== 'string' && layout.parts.some(({ note, value }) => note !== undefined || hasNotes(value))

function onOneLine(layout: Layout): string {
  if (typeof layout === 'string') return layout
  const { open, close, separator, parts } = layout
  const space = parts.length > 0 && open.endsWith('{') ? ' ' : ''
  return `${open}${space}${parts.map(({ label, value }) => label + onOneLine(value)).join(separator)}${space}${close}`
}

/** @param used what stands on the first line before the text */
export function written(layout: Layout, indent = 0, used = 0): string {
  const line = onOneLine(layout)
  if (typeof layout === 'string' || (!hasNotes(layout) && indent + used + line.length <= WIDTH)) return line
  const inside = indent + INDENT
  const lines = layout.parts.map(({ label, value, note }, at) => {
    const text = `${label}${written(value, inside, label.length)}${at === layout.parts.length - 1 ? '' : layout.end}`
    const spaces = ' '.repeat(inside)
    if (note === undefined) return `${spaces}${text}`
    return text.includes('\n') || inside + text.length + note.length > WIDTH ? `${spaces}// ${note}\n${spaces}${text}` : `${spaces}${text}  // ${note}`
  })
  return [layout.open, ...lines, `${' '.repeat(indent)}${layout.close}`].join('\n')
}
