import { measureKinds } from '#contracts'

/** Where docs/reference/semantics.md has the table. */
const TABLE = /(<!-- kinds of measures -->)[\s\S]*?(<!-- end -->)/

/** Keys that stand in every measure, or that none needs: they do not tell the kind. */
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
