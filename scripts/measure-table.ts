import { measureKinds } from '#contracts'

/** Matches the table in docs/reference/semantics.md. */
const TABLE = /(<!-- kinds of measures -->)[\s\S]*?(<!-- end -->)/

/** Keys that do not identify the kind of a measure, because every kind or no kind requires them. */
const ASIDE = new Set(['within', 'buckets', 'since', 'title', 'cap'])

/** `sum … of`: the keys that a measure of the kind must have. */
function formOf(shape: object): string {
  return Object.keys(shape)
    .filter((key) => !ASIDE.has(key))
    .join(' … ')
}

/** A page with the table of the kinds of measures as contracts has them. */
export function withMeasureTable(page: string): string {
  const rows = Object.values(measureKinds).map(({ schema, value }) => {
    const scopes = 'within' in schema.shape ? 'within, since, ever' : 'since, ever'
    return `| \`${formOf(schema.shape)}\` | ${value} | ${scopes} |`
  })
  return page.replace(TABLE, ['$1', '', '| measure | value | scopes |', '|---|---|---|', ...rows, '', '$2'].join('\n'))
}
