/**
 * Items as a table with a header line, as RFC 4180 has it. Its columns are those of all items, in the order in which they first appear; a member of a member
 * has both names with a dot between them, and a list stands as JSON in its cell.
 */
export function csvOf(items: readonly object[]): string {
  const rows = items.map((item) => new Map(cellsOf(item)))
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  if (columns.length === 0) return ''
  const lines = rows.map((row) => columns.map((column) => row.get(column) ?? ''))
  return [columns, ...lines].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')
}

function cellsOf(value: object, prefix = ''): [column: string, text: string][] {
  return Object.entries(value).flatMap(([name, member]): [string, string][] => {
    const column = `${prefix}${name}`
    if (member === null || member === undefined) return [[column, '']]
    if (Array.isArray(member)) return [[column, JSON.stringify(member)]]
    return typeof member === 'object' ? cellsOf(member, `${column}.`) : [[column, String(member)]]
  })
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
